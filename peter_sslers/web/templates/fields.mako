<%doc>One field: label, error, control, hint, in this order.</%doc>
<%def name="field(page, name, fields, choices, legend='', inside={})">
<%
    f, error = fields[name], page.errors.get(name, '')
    words = choices[name]
    shown = form_parts.value(f, page.values.get(name))
%>\
% if form_parts.is_radio(f, words):
<div class="field" role="radiogroup" aria-label="${f.label}">\
% if f.label != legend:
<span class="label">${f.label}</span>
% endif
${problem(name, error)}\
% for word, text in words.items():
<% ident = 'f-%s%s' % (name, '' if loop.first else '-%d' % loop.index) %>\
<div class="choice"><input type="radio" name="${name}" value="${word}" id="${ident}"${attributes.flag('checked', word == shown or (shown not in words and loop.first))}> <label for="${ident}">${cells.sentence(text) or word}\
% if text:
 <code class="muted">${word}</code>\
% endif
</label>
% for inner in inside.get(word, ()):
${field(page, inner, fields, choices)}\
% endfor
</div>
% endfor
${help(name, f)}\
</div>
% elif f.kind == 'checkbox':
<div class="choice"><input type="checkbox" id="f-${name}" name="${name}" value="1"${attributes.flag('checked', bool(shown))}> <label for="f-${name}">${f.label}</label> ${problem(name, error)}${help(name, f)}</div>
% else:
<div class="field"><label for="f-${name}">${f.label}${form_parts.optional(f)}</label>
${problem(name, error)}\
% if words:
<select id="f-${name}" name="${name}"${attributes.described(name, f, error)}>\
% if not f.required:
<option value="">no choice</option>\
% endif
% for word, text in words.items():
<option value="${word}"${attributes.flag('selected', word == shown)}>${'%s (%s)' % (cells.sentence(text) if word in f.choices else text, word) if text else word}</option>\
% endfor
</select>
% elif f.kind == 'textarea':
<textarea id="f-${name}" name="${name}" rows="4" cols="60" spellcheck="false" autocapitalize="off"${attributes.described(name, f, error)}>${shown}</textarea>
% else:
<% suggested = ui.suggestions(page.action, name) %>\
<input type="${f.kind if f.kind in ('email', 'file', 'password') else 'text'}" id="f-${name}" name="${name}"${attributes.value(f, shown)}${attributes.suggested(name, suggested)} autocomplete="off"${attributes.described(name, f, error)}>
% if suggested:
<datalist id="l-${name}">\
% for word, text in suggested.items():
<option value="${word}">${text}</option>\
% endfor
</datalist>
% endif
% endif
${help(name, f)}\
</div>
% endif
</%def>
<%def name="problem(name, error)">
% if error:
<div class="error" id="e-${name}"><!-- for: ${name} -->
<div class="alert alert-danger"><div class="control-group error"><span class="help-inline">${error}</span></div></div></div>
% endif
</%def>
<%def name="help(name, f)">
% if f.hint:
<div class="hint" id="h-${name}">${cells.sentence(f.hint)}</div>
% endif
</%def>
