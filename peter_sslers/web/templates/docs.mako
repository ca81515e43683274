<%inherit file="layout.mako"/>
<%
    action, docs = page.action, page.docs
    fields = ui.fields(action)
    examples = docs.get('example') or docs.get('examples') or [ui.curl(action, page.path, {})]
%>\
<div class="cols">
<div>
<section class="panel" aria-labelledby="call">
  <div class="panel-head"><h2 id="call">Call</h2> <span class="muted">POST, form fields or JSON</span></div>
  <div class="body">
  % for example in examples:
<pre class="copy" tabindex="0" role="region" aria-label="Example ${loop.index + 1}">${cells.folded(example)}</pre>
  % endfor
  <p class="muted">A GET on the same address answers with its help; it changes nothing.</p>
  </div>
</section>
% if fields:
<section class="panel" aria-labelledby="fields">
  <h2 id="fields">Fields</h2>
  <table class="cards fields">
    <thead><tr><th>Field</th><th>Type</th><th>Meaning</th><th>Values</th></tr></thead>
    <tbody>
    % for name, f in fields.items():
    <tr><th scope="row" class="full"><code>${name}</code></th><td data-l="Type">${cells.kind_of_field(f)}</td><td class="full" data-l="Meaning">${cells.sentence(f.hint or f.label)}</td><td class="full" data-l="Values">${cells.values_of(docs, name)}</td></tr>
    % endfor
    </tbody>
  </table>
</section>
% endif
% if docs.get('form_fields_related'):
<section class="panel" aria-labelledby="together">
  <h2 id="together">Fields that belong together</h2>
  <ul class="needs">
  % for names in docs['form_fields_related']:
    <li><span><code>${', '.join(names)}</code></span></li>
  % endfor
  </ul>
</section>
% endif
</div>
<div>
<section class="panel" aria-labelledby="does">
  <h2 id="does">What it does</h2>
  <ul class="needs">
  % for text in [*docs['instructions'], *docs.get('requirements', []), *docs.get('notes', [])]:
    <li><span>${text}</span></li>
  % endfor
  </ul>
</section>
<section class="panel" aria-labelledby="errs">
  <h2 id="errs">When it goes wrong</h2>
  <table class="facts">
  <tr><th scope="row">400</th><td>A field is wrong. <code>form_errors</code> names each field and why.</td></tr>
  <tr><th scope="row">404</th><td>The object in the path does not exist.</td></tr>
  <tr><th scope="row">409</th><td>Not possible as things are now; <code>error</code> says why.</td></tr>
  <tr><th scope="row">502</th><td>The CA refused or could not be reached.</td></tr>
  </table>
</section>
</div>
</div>
