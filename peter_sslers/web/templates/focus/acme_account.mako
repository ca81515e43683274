<%inherit file="../focus.mako"/>
<%! from peter_sslers.web.admin.acme_usage import concerned, days, limits %>\
<%block name="special">
<%
    ctx = ui.request.ctx
    in_force = limits(ctx, page.obj)
    counted = days(ctx, page.obj)
%>\
% if in_force:
<section class="panel" aria-labelledby="limits">
  <h2 id="limits">The CA wants to be left alone</h2>
  <table class="cards">
    <thead><tr><th>Until</th><th>What waits</th><th>In the CA's words</th></tr></thead>
    <tbody>
    % for limit in in_force:
    <tr><th scope="row">${cells.time(limit.timestamp_until)}</th><td data-l="What waits">${concerned(limit)}</td><td class="full">${limit.text}</td></tr>
    % endfor
    </tbody>
  </table>
</section>
% endif
% if counted:
<section class="panel" aria-labelledby="requests">
  <div class="panel-head"><h2 id="requests">Requests to the CA</h2> <span class="muted">days in UTC</span></div>
  <table class="cards">
    <thead><tr><th>Day</th><th>Requests</th><th>New orders</th><th>Put off by the CA</th></tr></thead>
    <tbody>
    % for one in counted:
    <tr><th scope="row">${one.day.isoformat()}</th><td data-l="Requests">${cells.number(one.requests)}</td><td data-l="New orders">${cells.number(one.new_orders)}</td><td data-l="Put off by the CA">${cells.number(one.refused)}</td></tr>
    % endfor
    </tbody>
  </table>
</section>
% endif
</%block>
