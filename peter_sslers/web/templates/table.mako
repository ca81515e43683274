<%doc>The rows of a kind as a table that becomes cards on a phone.</%doc>
<%def name="rows(kind, objects, css='cards', sort=None, most=8, owner=None)">
<% columns = ui.columns(kind, objects, owner)[:most] %>\
  <div class="scroll"><table class="${css}">
    <thead><tr>\
% for column in columns:
<th${attributes.heading(column, sort, loop.first)}>${attributes.heading_text(column, sort, ui.url(sort.path) if sort else "")}</th>\
% endfor
</tr></thead>
    <tbody>
    % for obj in objects:
    <tr><th scope="row" class="grow">${ui.cells.head(columns[0], obj)}</th>\
% for column in columns[1:]:
<td${attributes.cell(column)}>${ui.cells.in_list(column, obj)}</td>\
% endfor
</tr>
    % endfor
    </tbody>
  </table></div>
</%def>
