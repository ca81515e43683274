<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${head.title} · Peter SSLers</title>
<link rel="stylesheet" href="${ui.static('peter.css')}">
<link rel="icon" href="${ui.static('peter.svg')}" type="image/svg+xml">
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top">
  <div class="bar">
    <a class="brand" href="${ui.base or '/'}">Peter SSLers</a>
    % if head.asks:
    <a class="search" href="${ui.url('/search')}">Search</a>
    % else:
    <form class="search" role="search" action="${ui.url('/search')}" method="get">
      <input type="search" name="q" value="${ui.sought}" maxlength="500" accesskey="/" aria-label="Search everything" placeholder="Domain, #id, serial, fingerprint, key hash…" size="30">
      <button>Search</button>
    </form>
    % endif
    <nav class="aside-nav" aria-label="Service"><a href="${ui.url('/settings')}">Settings</a> <a href="${ui.url('/api')}">API</a> <a href="${ui.url('/help')}">Help</a></nav>
  </div>
  <nav class="tabs" aria-label="Main"><div>
  % for group, address in ui.tabs():
    <a href="${address}"${attributes.current(group == head.group, 'true' if head.crumbs else 'page')}>${group}</a>
  % endfor
  </div></nav>
</header>
<% subtabs = ui.subtabs() %>\
% if subtabs:
<nav class="sub" aria-label="${head.group}"><div>
  % for label, address, here in subtabs:
  <a href="${address}"${attributes.current(here, 'page')}>${label}</a>
  % endfor
</div></nav>
% endif
<main id="main">
% if head.crumbs:
<nav class="crumbs" aria-label="Breadcrumb"><div>\
% for label, path in head.crumbs:
<a href="${ui.url(path) or '/'}">${label}</a> / \
% endfor
<span aria-current="page">${head.here}</span></div></nav>
% endif
<header class="head">
  <div>
    <h1>${head.h1}\
% if head.status:
 ${ui.status(head.status)}\
% endif
</h1>
    % if head.sentence:
    <p>${head.sentence}</p>
    % endif
  </div>
  <div class="tools"><%block name="tools">\
% for label, path in head.tools:
<a class="button${' primary' if loop.first else ''}" href="${ui.url(path)}">${label}</a> \
% endfor
</%block>\
% if head.twins:
<div class="twins">Also as \
% for label, path in head.twins:
${'' if loop.first else '· '}<a href="${ui.url(path)}">${label}</a> \
% endfor
</div>\
% endif
</div>
</header>
% if ui.flash:
<p class="flash ${ui.flash.css}" role="${'alert' if ui.flash.css == 'bad' else 'status'}"><strong>${ui.flash.first}</strong>${ui.flash.text}</p>
% endif
${next.body()}\
</main>
<footer class="foot"><div><span>Peter SSLers ${ui.version} on ${ui.request.admin_server}</span> <span>${ui.database()}</span> <span>Page made ${ui.made()}</span> <a href="${ui.url('/help')}">All kinds of objects</a></div></footer>
</body>
</html>
