<%inherit file="layout.mako"/>
<%namespace name="table" file="table.mako"/>
<%namespace name="acts" file="acts.mako"/>
<%block name="tools">\
% for b in ui.primary_buttons(page):
${acts.act(b, 'primary')} \
% endfor
% for label, name in page.resource.pages:
<a class="button" href="${ui.url('/%s/%s/%s' % (page.resource.path, page.obj.id, name))}">${label}</a> \
% endfor
</%block>
<%
    kind, obj = page.resource, page.obj
    buttons = ui.buttons(page)
    step = ui.next_step(page)
    steps = kind.steps(obj) if kind.steps else ()
    shown = ui.shown_above(page)
    more = [b for b in buttons if not b.danger and b not in shown]
    danger = [b for b in buttons if b.danger]
%>\
% if step:
<section class="panel next" aria-labelledby="next"><div class="body">
  <div><h2 id="next">Next step: ${step.title}</h2>
  % if step.about:
  <p>${step.about}</p>
  % endif
  </div>
  <% b = ui.button_for(page, step.action) %>\
  % if b and not b.reason:
  ${acts.act(b, 'primary big', step.button)}
  % endif
</div></section>
% endif
% if steps:
<section class="panel" aria-labelledby="progress">
  <div class="panel-head"><h2 id="progress">Progress</h2> <%block name="beside_progress"/></div>
  <ol class="steps">
    % for s in steps:
    <li${attributes.css(s.state)}${attributes.step(s)}><h3>${s.label}</h3> \
% if s.state == 'done':
<span class="t-ok">done</span> \
% elif s.state == 'failed':
<span class="t-bad">failed</span> \
% endif
<span class="muted">${s.note}</span></li>
    % endfor
  </ol>
</section>
% endif
<%block name="special"/>
<div class="${'cols' if page.panels or kind.downloads else 'single'}">
% if page.panels or kind.downloads:
<div>
<%block name="first"/>\
% for panel in page.panels:
<section class="panel" aria-labelledby="r-${panel.related.name}">
  <div class="panel-head"><h2 id="r-${panel.related.name}">${panel.related.label}</h2>\
% if panel.rows:
 <a href="${ui.url('/%s/%s/%s' % (kind.path, obj.id, panel.related.name))}">All ${cells.number(panel.total)}</a>\
% endif
</div>
  % if panel.rows:
${table.rows(panel.resource, panel.rows, most=5, owner=obj)}
  % else:
  <p>${panel.related.empty}</p>
  % endif
</section>
% endfor
% if kind.downloads:
<section class="panel" aria-labelledby="download">
  <h2 id="download">Download</h2>
  <table class="cards">
    <thead><tr><th>What</th><th>Formats</th></tr></thead>
    <tbody>
    % for d in kind.downloads:
    <tr><th scope="row" class="full">${d.label}\
% if d.secret:
 <span class="t-bad">(secret)</span>\
% endif
</th><td class="full"><span class="dl">\
% for suffix in d.formats:
<a href="${ui.url('/%s/%s/%s.%s' % (kind.path, obj.id, d.name, suffix))}">${d.name}.${suffix}</a> \
% endfor
</span></td></tr>
    % endfor
    </tbody>
  </table>
  <p class="more">pem.txt opens in the browser; crt, cer, der and key are binary (DER).</p>
</section>
% endif
</div>
% endif
<div>
<%
    facts = [c for c in kind.columns if c.in_focus]
    linked = [c for c in facts if c.show == 'link']
    plain = [c for c in facts if c.show != 'link' and c.of(obj) not in (None, '')]
%>\
% for title, columns in (('Related', linked), ('Details', plain)):
% if columns:
<section class="panel" aria-labelledby="facts-${title}">
  <h2 id="facts-${title}">${title}</h2>
  <table class="facts">
  % for column in columns:
  <tr><th scope="row">${column.heading}</th><td>${ui.fact(page, column)}</td></tr>
  % endfor
  </table>
</section>
% endif
% endfor
</div>
</div>
% if more or danger:
<div class="${'cols even' if more and danger else 'single'}">
% if more:
<section class="panel" aria-labelledby="more-actions">
  <h2 id="more-actions">More actions</h2>
${acts.acts(more)}
</section>
% endif
% if danger:
<section class="panel danger" aria-labelledby="danger">
  <h2 id="danger">Danger</h2>
${acts.acts(danger, 'danger-button')}
</section>
% endif
</div>
% endif
