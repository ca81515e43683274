<%inherit file="layout.mako"/>
<%namespace name="table" file="table.mako"/>
<%namespace name="charts" file="chart.mako"/>
<section class="panel" aria-labelledby="needs">
% if needs:
  <div class="panel-head"><h2 id="needs">${len(needs)} ${'thing needs' if len(needs) == 1 else 'things need'} you</h2> <span class="muted">everything else runs by itself</span></div>
  <ol class="needs">
  % for need in needs:
    <li><span class="st ${need.css}">${need.word}</span> <span>${need.text}</span> <a href="${ui.url(need.path)}">${need.label}</a></li>
  % endfor
  </ol>
% else:
  <div class="panel-head"><h2 id="needs">Nothing needs you</h2> <span class="muted">everything runs by itself</span></div>
% endif
</section>
<%def name="stat(label, count, path, note)">
  <li>${label} <a href="${ui.url(path)}">${cells.number(count)}</a> <span>${note}</span></li>
</%def>
<ul class="stats" aria-label="Figures">
${stat('Active certificates', figures.active, '/certificate-signeds/active', 'handed out to servers')}\
${stat('Expire in %d days' % expiring_days, figures.expiring, '/certificate-signeds/expiring', 'of which %s within 7 days' % cells.number(figures.soon))}\
${stat('Active domains', figures.domains, '/domains', 'known here')}\
${stat('Open orders', figures.orders_open, '/acme-orders/active', 'at the CA')}\
${stat('Waiting for renewal', figures.queue_certificates, '/queue-certificates/unprocessed', 'in the queue')}\
</ul>
<div class="cols">
<div>
<section class="panel" aria-labelledby="expiring">
  <div class="panel-head"><h2 id="expiring">Certificates that expire in the next ${len(days)} days</h2> <a href="${ui.url('/certificate-signeds/expiring')}">All expiring</a></div>
% if any(d.total for d in days):
  <figure>
${charts.chart(bars, top, 10 * len(days), ticks)}\
${charts.key(days)}\
  </figure>
  <div class="more"><details>
    <summary>The same figures as a table</summary>
    <div class="scroll" role="region" aria-label="Certificates that expire, by day" tabindex="0"><table>
    <caption>Certificates that expire each day; in brackets those that are renewed by hand.</caption>
    <thead><tr><th>Week</th>\
% for n in range(1, 8):
<th class="num">Day ${n}</th>\
% endfor
</tr></thead>
    <tbody>
    % for first, week in weeks:
    <tr><th scope="row">from ${first}</th>\
% for d in week:
<td class="num">${d.total}\
% if d.by_hand:
 <strong class="t-warn">(${d.by_hand})</strong>\
% endif
</td>\
% endfor
</tr>
    % endfor
    </tbody></table></div>
  </details></div>
% else:
  <p>None does.</p>
% endif
</section>
% for kind, rows in newest:
<section class="panel" aria-labelledby="new-${kind.path}">
  <div class="panel-head"><h2 id="new-${kind.path}">Newest: ${kind.labels}</h2> <a href="${ui.url(kind.many)}">All of them</a></div>
${table.rows(kind, rows, most=5)}
</section>
% endfor
</div>
<div>
<section class="panel" aria-labelledby="pending">
  <h2 id="pending">Pending now</h2>
  <table>
    <thead><tr><th>What</th><th class="num">Count</th></tr></thead>
    <tbody>
    <tr><th scope="row"><a href="${ui.url('/acme-orders/active')}">ACME orders</a></th><td class="num">${cells.number(figures.orders_open)}</td></tr>
    <tr><th scope="row"><a href="${ui.url('/acme-authorizations?status=active')}">Authorizations</a></th><td class="num">${cells.number(figures.authorizations)}</td></tr>
    <tr><th scope="row"><a href="${ui.url('/queue-certificates/unprocessed')}">Renewal queue</a></th><td class="num">${cells.number(figures.queue_certificates)}</td></tr>
    <tr><th scope="row"><a href="${ui.url('/queue-domains')}">Domain queue</a></th><td class="num">${cells.number(figures.queue_domains)}</td></tr>
    </tbody>
  </table>
</section>
<section class="panel" aria-labelledby="everything">
  <h2 id="everything">Everything here</h2>
  <table>
    <thead><tr><th>Kind</th><th class="num">Count</th></tr></thead>
    <tbody>
    % for kind, total in counts:
    <tr><th scope="row"><a href="${ui.url(kind.many)}">${kind.labels}</a></th><td class="num">${cells.number(total)}</td></tr>
    % endfor
    </tbody>
  </table>
</section>
</div>
</div>
