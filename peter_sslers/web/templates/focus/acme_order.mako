<%inherit file="../focus.mako"/>
<%block name="special">
<p class="more"><a href="${ui.url('/acme-order/%d/audit' % page.obj.id)}">Audit report</a>: what this order was made from, and what came of it.</p>
</%block>
