<%inherit file="layout.mako"/>
<%namespace name="table" file="table.mako"/>
% if found.same_number:
<section class="panel" aria-labelledby="numbered">
  <div class="panel-head"><h2 id="numbered">Number ${found.number}</h2> <span class="muted">every kind counts from 1</span></div>
  <table class="cards">
    <thead><tr><th>Object</th><th>Kind</th></tr></thead>
    <tbody>
    % for kind in found.same_number:
    <tr><th scope="row" class="full"><a href="${ui.url('/%s/%d' % (kind.path, found.number))}">${kind.label} #${found.number}</a></th><td class="full">${kind.about}</td></tr>
    % endfor
    </tbody>
  </table>
</section>
% endif
% for kind, hits in found.tables:
<section class="panel" aria-labelledby="s-${kind.path}">
  <div class="panel-head"><h2 id="s-${kind.path}">${kind.labels}</h2> <span class="muted">by ${', '.join(hits.by)}</span></div>
${table.rows(kind, hits.rows, 'list cards')}
  % if hits.more:
  <p class="more">The first ${most}. A longer text finds fewer.</p>
  % endif
</section>
% endfor
% if not found.total:
% if question.text:
<section class="panel" aria-labelledby="nothing">
  <div class="empty">
    <h2 id="nothing">Nothing fits “${question.shown}”</h2>
    <p>Looked for as a whole, and as the beginning of a domain name.</p>
  </div>
</section>
% endif
<section class="panel" aria-labelledby="ways">
  <h2 id="ways">What can be found</h2>
  <table class="facts">
  <tr><th scope="row">Domain</th><td>a whole name, or its beginning: <code>shop.example</code></td></tr>
  <tr><th scope="row">Number</th><td><code>#214873</code>, of any kind of object</td></tr>
  <tr><th scope="row">Certificate</th><td>its serial, SHA-1 or SHA-256 fingerprint, with or without colons</td></tr>
  <tr><th scope="row">Key</th><td>the SHA-256 of its SPKI, which finds all that has the same key; the MD5 of its PEM</td></tr>
  <tr><th scope="row">Account</th><td>its contact: <code>ops@example.com</code></td></tr>
  <tr><th scope="row">Address</th><td>an IP address that fetched challenges: <code>192.0.2.1</code></td></tr>
  <tr><th scope="row">CA</th><td>the URL of an order, authorization, challenge or account at its CA</td></tr>
  </table>
</section>
% endif
