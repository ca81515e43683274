<%inherit file="layout.mako"/>
<%namespace name="fields" file="fields.mako"/>
<%
    action = page.action
    shown = ui.fields(action)
    choices = ui.choices(action)
    hidden = form_parts.confirmed(page)
    visible = {n: f for n, f in shown.items() if n not in hidden}
    effects = action.consequences(page.obj) if action.consequences else ()
    danger = form_parts.is_danger(page)
    words = form_parts.words(page)
%>\
% if page.errors:
<div class="flash bad" role="alert" id="errors">
  <strong>${cells.corrections(page.errors)}</strong> Your input is kept; nothing was done.
  <ul>
  % for name, text in form_parts.told(page.errors).items():
  % if name in visible:
    <li><a href="#f-${name}">${visible[name].label}: ${text}</a></li>
  % else:
    <li>${text}</li>
  % endif
  % endfor
  </ul>
</div>
% endif
<div class="${'cols' if action.aside else 'single narrow'}">
<div>
<section class="panel${' danger' if danger else ''}" aria-label="${action.label}">
% if effects:
  <h2>This will happen</h2>
% endif
<form class="form" method="post" action="${ui.url(page.path)}"${attributes.ident(action.form_id)}${attributes.encoding(shown)} novalidate>
  % if effects:
  <ol class="plain">
    % for effect in effects:
    <li>${effect}</li>
    % endfor
  </ol>
  % endif
  % for name, value in hidden.items():
  <input type="hidden" name="${name}" value="${value}">
  % endfor
  % for legend, names in form_parts.groups(action, visible):
  <% folded = form_parts.is_folded(page, legend, names) %>\
  % if folded:
  <details class="part"><summary>${legend}</summary>
  % endif
  <fieldset>
    % if legend and not folded:
    <legend>${legend}</legend>
    % endif
    <% inside = form_parts.inside(names, visible, choices) %>\
    % for name in names:
    % if name not in inside:
    ${fields.field(page, name, visible, choices, legend, form_parts.by_word(inside))}
    % endif
    % endfor
  </fieldset>
  % if folded:
  </details>
  % endif
  % endfor
  % if danger:
  <div class="choice"><input type="checkbox" id="sure" name="sure" value="yes" required> <label for="sure">Yes, I want this</label></div>
  % endif
  <div class="submit"><button class="${'danger-button' if danger else 'primary big'}"${attributes.ident(action.button_id)}>${words}</button> <a href="${ui.url(form_parts.back(page))}">Cancel</a></div>
</form>
</section>
<section class="panel" aria-labelledby="curl">
  <div class="panel-head"><h2 id="curl">The same from a script</h2> <a href="${ui.url(page.path)}?help">All fields</a></div>
  <div class="body">
<pre class="copy" tabindex="0" role="region" aria-label="curl command">${ui.curl(action, page.path, form_parts.curl_values(page))}</pre>
  <p class="muted">One click or tap selects the whole command.</p>
  </div>
</section>
</div>
% if action.aside:
<div>
<%include file="${action.aside}" args="page=page"/>
</div>
% endif
</div>
