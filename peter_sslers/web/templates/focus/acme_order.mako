<%inherit file="../focus.mako"/>
<%block name="beside_progress"><a href="${ui.url('/acme-order/%d/audit' % page.obj.id)}">Audit report</a></%block>
