<%doc>Bars over a scale, for eyes alone: the figures stand in a table beside it.</%doc>
<%def name="chart(bars, top, width, ticks)">
  <div class="chart" aria-hidden="true">
    <div class="y"><span data-l="${cells.number(top)}"></span><span data-l="${cells.number(top // 2)}"></span><span data-l="0"></span></div>
    <svg viewBox="0 0 ${width} 100" preserveAspectRatio="none">
    <line x1="0" x2="${width}" y1="0" y2="0"/><line x1="0" x2="${width}" y1="50" y2="50"/><line x1="0" x2="${width}" y1="100" y2="100"/>
    % for bar in bars:
    % if bar.planned or bar.by_hand:
    <g><title>${bar.title}</title><rect class="f-warn" x="${bar.x}" y="${100 - bar.by_hand}" width="8" height="${bar.by_hand}"/><rect class="f-plan" x="${bar.x}" y="${100 - bar.by_hand - bar.planned}" width="8" height="${bar.planned}"/></g>
    % endif
    % endfor
    </svg>
    <div class="x">\
% for tick in ticks:
<span data-l="${tick}"></span>\
% endfor
</div>
  </div>
</%def>
<%def name="key(spans)">
  <div class="key" aria-hidden="true"><span><svg viewBox="0 0 1 1"><rect class="f-warn" width="1" height="1"/></svg>renewed by hand: ${cells.number(sum(s.by_hand for s in spans))}</span> <span><svg viewBox="0 0 1 1"><rect class="f-plan" width="1" height="1"/></svg>renewal planned: ${cells.number(sum(s.planned for s in spans))}</span></div>
</%def>
