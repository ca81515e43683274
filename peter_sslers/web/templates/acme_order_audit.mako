<%inherit file="layout.mako"/>
<%def name="facts(title, values)">
<section class="panel" aria-labelledby="facts-${title}">
  <h2 id="facts-${title}">${title}</h2>
  <table class="facts">
  % for name, value in values.items():
  <tr><th scope="row">${name}</th><td>${shown(value)}</td></tr>
  % endfor
  </table>
</section>
</%def>
<%def name="shown(value)">\
% if hasattr(value, 'isoformat'):
${cells.time(value)}\
% elif isinstance(value, list):
${cells.names(value, 20)}\
% elif value is None or value == '':
${cells.NONE}\
% else:
${value}\
% endif
</%def>
<p><a href="${ui.url('/acme-order/%d' % order.id)}">Back to the order</a></p>
<div class="cols even">
<div>
${facts('Order', report['AcmeOrder'])}
</div>
<div>
% for name in ('AcmeAccount', 'AcmeAccountProvider', 'PrivateKey', 'UniqueFQDNSet'):
${facts(name, report[name])}
% endfor
</div>
</div>
<section class="panel" aria-labelledby="authorizations">
  <h2 id="authorizations">Authorizations</h2>
  % if order.acme_authorizations:
  <div class="scroll"><table class="cards">
    <thead><tr><th>Name</th><th>Authorization</th><th>Status</th><th>Challenge</th><th>Status</th><th>What went wrong</th></tr></thead>
    <tbody>
    % for authorization in order.acme_authorizations:
    % for challenge in authorization.acme_challenges or (None,):
    <tr><th scope="row" class="full">${ui.cells.link(authorization.domain) if authorization.domain else 'not read yet'}</th>\
<td data-l="Authorization">${ui.cells.link(authorization)}</td>\
<td>${ui.status(authorization.acme_status_authorization)}</td>\
<td data-l="Challenge">${ui.cells.link(challenge)}</td>\
<td>${ui.status(challenge.acme_status_challenge if challenge else '')}</td>\
<td class="full" data-l="What went wrong">${(challenge.error if challenge else None) or cells.NONE}</td></tr>
    % endfor
    % endfor
    </tbody>
  </table></div>
  % else:
  <p>The CA has not said yet what is to be proved.</p>
  % endif
</section>
