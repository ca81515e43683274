<%inherit file="layout.mako"/>
<%! from peter_sslers.web.admin.certificate_ca import common_name %>\
<%def name="change(deed, words, preference, priority='')">
<form method="post" action="${ui.url('/certificate-cas/preferred/' + deed)}">\
<input type="hidden" name="slot" value="${preference.slot}">\
<input type="hidden" name="fingerprint_sha1" value="${preference.certificate_ca.fingerprint_sha1}">\
% if priority:
<input type="hidden" name="priority" value="${priority}">\
% endif
<button aria-label="${words}: ${common_name(preference.certificate_ca.cert_subject)}">${words}</button></form>\
</%def>
<section class="panel" aria-label="Preferred CAs">
% if preferred:
  <table class="cards">
    <thead><tr><th>Slot</th><th>CA</th><th>Expires</th><th>SHA-1</th><th>Change</th></tr></thead>
    <tbody>
    % for p in preferred:
    <tr><th scope="row">${p.slot}</th><td class="full" data-l="CA">${ui.cells.link(p.certificate_ca)}</td><td data-l="Expires">${cells.time(p.certificate_ca.timestamp_not_after)}</td><td class="full" data-l="SHA-1">${cells.code(p.certificate_ca.fingerprint_sha1)}</td><td class="full tools" data-l="Change">\
% if not loop.first:
${change('prioritize', 'Up', p, 'increase')} \
% endif
% if not loop.last:
${change('prioritize', 'Down', p, 'decrease')} \
% endif
${change('delete', 'Remove', p)}</td></tr>
    % endfor
    </tbody>
  </table>
% else:
  <div class="empty">
    <h2>No CA is preferred</h2>
    <p>Each certificate is served with the chain that its CA has sent first.</p>
  </div>
% endif
</section>
