<%doc>Buttons: one POST form each, a link where there is more to say first, words where it can not be.</%doc>
<%def name="post(b, css='', words='')">
<form method="post" action="${ui.url(b.path)}"${attributes.ident(b.form_id)}>\
% for name, value in b.hidden.items():
<input type="hidden" name="${name}" value="${value}">\
% endfor
<button${attributes.ident(b.button_id)}${attributes.css(css)}>${words or b.words}</button></form>\
</%def>
<%def name="act(b, css='', words='')">
% if b.one_click:
${post(b, css, words)}\
% else:
<a class="button ${css}" href="${ui.url(b.href)}"${attributes.ident(b.button_id)}>${words or b.words}</a>\
% endif
</%def>
<%def name="acts(buttons, css='')">
  <ul class="acts">
  % for b in buttons:
  % if b.reason:
  <li class="off"><strong>${b.label}</strong> <small>${cells.coded(b.reason)}</small></li>
  % else:
  <li><strong>${b.label}</strong> <small>${b.about}</small> ${act(b, css)}</li>
  % endif
  % endfor
  </ul>
</%def>
