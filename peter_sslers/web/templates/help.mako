<%inherit file="layout.mako"/>
<section class="panel" aria-label="Kinds">
  <table class="cards">
    <thead><tr><th>Kind</th><th>What it is</th><th>Views</th></tr></thead>
    <tbody>
    % for kind in kinds:
    <tr><th scope="row" class="full"><a href="${ui.url(kind.many)}">${kind.labels}</a></th><td class="full">${kind.about}</td><td class="full">\
% for listing in kind.listings:
% if listing.name:
<a href="${ui.url(kind.many + '/' + listing.name)}">${listing.name}</a> \
% endif
% endfor
</td></tr>
    % endfor
    </tbody>
  </table>
</section>
