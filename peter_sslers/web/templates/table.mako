<%doc>The rows of a kind as a table that becomes cards on a phone.</%doc>
<%def name="rows(kind, objects, css='cards', sort=None, most=8, owner=None, choose=None)">
<% columns = ui.columns(kind, objects, owner)[:most]
others = [(c, attributes.cell(c)) for c in columns[1:]] %>\
  <div class="scroll"><table class="${css}">
    <thead><tr>\
% for column in columns:
<th${attributes.heading(column, sort, loop.first)}>${attributes.heading_text(column, sort, ui.url(sort.path) if sort else "")}</th>\
% endfor
</tr></thead>
    <tbody>
    % for obj in objects:
    <tr><th scope="row" class="${"full" if columns[0].name == "id" else "grow"}">${attributes.choice(choose, obj)}${ui.cells.head(columns[0], obj)}</th>\
% for column, around in others:
<td${around}>${ui.cells.in_list(column, obj)}</td>\
% endfor
</tr>
    % endfor
    </tbody>
  </table></div>
</%def>
