<%inherit file="../focus.mako"/>
<%! from peter_sslers.web.admin.certificate_ca_chain import way
from peter_sslers.web.admin.certificate_validity import validity %>\
<%block name="special">
<%
    obj = page.obj
    life = validity(obj, ui.request.ctx.now)
%>\
<section class="panel" aria-labelledby="validity">
  <div class="panel-head"><h2 id="validity">${life.headline}</h2> <span class="muted">${life.note}</span></div>
  <div class="body">
    <svg class="track" viewBox="0 0 900 18" preserveAspectRatio="none" aria-hidden="true"><rect class="${life.css}" width="${life.reached}" height="18"/></svg>
    <p class="ends"><span>From ${cells.time(obj.timestamp_not_before)}</span> <span>to ${cells.time(obj.timestamp_not_after)}</span></p>
  </div>
</section>
</%block>
<%block name="first">
<%
    obj = page.obj
    here = ui.url(f'/certificate-signed/{obj.id}')
    preferred = obj.certificate_ca_chain_id__preferred
%>\
<section class="panel" aria-labelledby="names">
  <div class="panel-head"><h2 id="names">Names</h2> <a href="${ui.url(f'/unique-fqdn-set/{obj.unique_fqdn_set_id}')}">FQDN set #${obj.unique_fqdn_set_id}</a></div>
  <table class="cards">
    <thead><tr><th>Name</th><th>Newest for this name</th></tr></thead>
    <tbody>
    % for domain in obj.unique_fqdn_set.domains:
    <tr><th scope="row" class="full">${ui.cells.link(domain)}</th><td data-l="Newest for this name">\
% if obj.id in (domain.certificate_signed_id__latest_single, domain.certificate_signed_id__latest_multi):
yes, this one\
% else:
no\
% endif
</td></tr>
    % endfor
    </tbody>
  </table>
</section>
<section class="panel" aria-labelledby="chains">
  <div class="panel-head"><h2 id="chains">Chains</h2> <span class="dl"><a href="${here}/config.json">config.json</a> <a href="${here}/config.zip">config.zip</a> <a href="${here}/parse.json">parse.json</a></span></div>
  % if obj.certificate_ca_chains:
  <table class="cards">
    <thead><tr><th>Chain</th><th>Used</th><th>Path</th><th>With this chain</th></tr></thead>
    <tbody>
    % for chain in obj.certificate_ca_chains:
    <% via = f'{here}/via-certificate-ca-chain/{chain.id}' %>\
    <tr><th scope="row">${ui.cells.link(chain)}</th><td data-l="Used">${ui.status('default' if chain.id == preferred else 'alternate')}</td><td class="full" data-l="Path">${way(chain)}</td><td class="full"><span class="dl"><a href="${via}/chain.pem">chain.pem</a> <a href="${via}/fullchain.pem">fullchain.pem</a> <a href="${via}/config.json">config.json</a> <a href="${via}/config.zip">config.zip</a></span></td></tr>
    % endfor
    </tbody>
  </table>
  % else:
  <p>None is known: it is served alone.</p>
  % endif
</section>
</%block>
