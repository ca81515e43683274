<%inherit file="layout.mako"/>
<%namespace name="charts" file="chart.mako"/>
<section class="panel" aria-labelledby="expires">
  <div class="panel-head"><h2 id="expires">When they end</h2> <span class="muted">active certificates, week by week</span></div>
% if ending:
  <figure>
${charts.chart(bars, top, width, ticks)}\
${charts.key(ending)}\
  </figure>
  <table class="cards">
    <caption>Active certificates that end in each week; weeks without one are left out.</caption>
    <thead><tr><th>Week</th><th>From</th><th class="num">End</th><th class="num">Renewal planned</th><th class="num">Renewed by hand</th></tr></thead>
    <tbody>
    % for week in ending:
    <tr><th scope="row">${week.key}</th><td data-l="From">${cells.day(week.monday)}</td><td class="num" data-l="End">${cells.number(week.total)}</td><td class="num" data-l="Renewal planned">${cells.number(week.planned)}</td><td class="num" data-l="Renewed by hand">${cells.number(week.by_hand)}</td></tr>
    % endfor
    </tbody>
  </table>
% else:
  <p>None does.</p>
% endif
</section>
<section class="panel" aria-labelledby="issues">
  <div class="panel-head"><h2 id="issues">When they began</h2> <span class="muted">all certificates, by the week in which their validity begins</span></div>
% if issues:
  <table class="cards">
    <thead><tr><th>Week</th><th class="num">Certificates</th></tr></thead>
    <tbody>
    % for week, number in reversed(issues.items()):
    <tr><th scope="row">${week}</th><td class="num" data-l="Certificates">${cells.number(number)}</td></tr>
    % endfor
    </tbody>
  </table>
% else:
  <p>There is none yet.</p>
% endif
</section>
