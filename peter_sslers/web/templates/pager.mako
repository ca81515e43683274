<%def name="pager(page, path, query)">
<nav class="pager" aria-label="Pages"><div>
  <span>${cells.number(page.first_row)} to ${cells.number(page.last_row)} of ${cells.number(page.total)}</span>
  % if page.previous:
  <a href="${ui.page(path, page.previous, query)}" rel="prev" accesskey="p">Previous</a>
  % endif
  % for number in ui.page_numbers(page):
  % if number is None:
  <span>…</span>
  % elif number == page.number:
  <strong aria-current="page">${number}</strong>
  % else:
  <a href="${ui.page(path, number, query)}" aria-label="Page ${number}">${number}</a>
  % endif
  % endfor
  % if page.next:
  <a href="${ui.page(path, page.next, query)}" rel="next" accesskey="n">Next</a>
  % endif
</div></nav>
</%def>
