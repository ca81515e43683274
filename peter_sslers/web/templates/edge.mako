<%inherit file="layout.mako"/>
<%namespace name="table" file="table.mako"/>
<%namespace name="pages" file="pager.mako"/>
<section class="panel" aria-labelledby="state">
  <h2 id="state">How it is</h2>
  <table class="cards settings">
    <thead><tr><th>Fact</th><th>Value</th></tr></thead>
    <tbody>
    % for name, value in facts.items():
    <tr><th scope="row" class="full">${name}</th><td class="full" data-l="Value">${value}</td></tr>
    % endfor
    </tbody>
  </table>
</section>
<section class="panel" aria-labelledby="deeds">
  <h2 id="deeds">Actions</h2>
  <ul class="acts">
  % for deed in part.deeds:
  <li><strong>${deed.label}</strong> <small>${deed.about}</small> <form method="post" action="${ui.url(deed.at)}"><button>${deed.label}</button></form></li>
  % endfor
  </ul>
</section>
<section class="panel" aria-labelledby="done">
  <h2 id="done">What was done</h2>
% if events.items:
${table.rows(kind, events.items, 'list cards')}
% if events.pages > 1:
${pages.pager(events, part.path, '')}
% endif
% else:
  <div class="empty"><p>Nothing yet.</p></div>
% endif
</section>
