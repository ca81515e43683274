<%inherit file="layout.mako"/>
<%namespace name="table" file="table.mako"/>
<%namespace name="pages" file="pager.mako"/>
<%namespace name="choose" file="choose.mako"/>
<%
    kind = page.resource
    choosing = page.related.choose if page.related else None
    if choosing and not any(choosing.possible(obj) for obj in page.page.items):
        choosing = None
%>\
<section class="panel" aria-label="${head.here}">
% if page.listing:
<% views = [l for l in kind.listings if not l.redirect] %>\
% if len(views) > 1:
  <nav class="views" aria-label="Views"><div>
    % for view in views:
    <% here = view is page.listing %>\
    <a href="${ui.url(kind.many + ('/' + view.name if view.name else ''))}"${attributes.current(here, 'page')}>${view.label}\
% if here:
 <b>${cells.number(page.page.total)}</b>\
% endif
</a>
    % endfor
  </div></nav>
% endif
<% narrowing = [c for c in kind.columns if c.filter] %>\
% if narrowing:
  <form class="filter" method="get" action="${ui.url(page.path)}">
    % for column in narrowing:
    <div class="field"><label for="f-${column.name}">${column.heading}</label>\
% if column.filter_words:
<select id="f-${column.name}" name="${column.name}"><option value="">any</option>\
% for word in column.filter_words:
<option${attributes.flag('selected', page.params.get(column.name) == word)}>${word}</option>\
% endfor
</select>\
% else:
<input id="f-${column.name}" name="${column.name}" value="${page.params.get(column.name, '')}">\
% endif
</div>
    % endfor
    <div class="tools"><button>Filter</button>\
% if any(page.params.get(c.name) for c in narrowing):
 <a href="${ui.url(page.path)}">Clear</a>\
% endif
</div>
  </form>
% endif
% endif
% if page.page.items:
% if choosing:
  <form class="form" method="post" action="${ui.url(page.path.rpartition('/')[0] + '/' + choosing.action)}">
% endif
${table.rows(kind, page.page.items, 'list cards', page, owner=page.parent_object, choose=choosing)}
% if choosing:
${choose.submit(page, choosing)}
  </form>
% endif
% if page.page.pages > 1:
${pages.pager(page.page, page.path, page.query)}
% else:
  <p class="more">${ui.counted(page.page.total)}</p>
% endif
% else:
  <div class="empty">
    <h2>${ui.nothing(page)}</h2>
    <p>${ui.nothing_why(page)}</p>
    % if head.tools or page.query:
    <p class="tools">\
% if page.query:
<a class="button" href="${ui.url(page.path)}">Show all of this list</a> \
% endif
% for label, path in head.tools:
<a class="button" href="${ui.url(path)}">${label}</a> \
% endfor
</p>
    % endif
  </div>
% endif
</section>
% if page.listing:
<% deeds = list(ui.list_buttons(page)) %>\
% if deeds:
<section class="panel" aria-labelledby="more-actions">
  <h2 id="more-actions">More actions</h2>
  <ul class="acts">
  % for b in deeds:
  <li><strong>${b.label}</strong> <small>${b.about}</small> <form method="post" action="${ui.url(b.path)}"${attributes.ident(b.form_id)}><button${attributes.ident(b.button_id)}>${b.words}</button></form></li>
  % endfor
  </ul>
</section>
% endif
% endif
