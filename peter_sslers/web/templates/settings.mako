<%inherit file="layout.mako"/>
<section class="panel" aria-labelledby="runtime">
  <h2 id="runtime">Found at the start</h2>
  <table class="cards settings">
    <thead><tr><th>Fact</th><th>Value</th><th>Meaning</th></tr></thead>
    <tbody>
    % for fact in facts:
    <tr><th scope="row" class="full"><code>${fact.name}</code></th><td data-l="Value">${cells.code(fact.value)}</td><td class="full" data-l="Meaning">${cells.coded(fact.help)}</td></tr>
    % endfor
    </tbody>
  </table>
</section>
% for section, lines in sections:
<section class="panel" aria-labelledby="s-${loop.index}">
  <h2 id="s-${loop.index}">${section}</h2>
  <table class="cards settings">
    <thead><tr><th>Option</th><th>Value</th><th>Default</th><th>Meaning</th></tr></thead>
    <tbody>
    % for line in lines:
    <tr><th scope="row" class="full"><code>${line.name}</code></th><td data-l="Value">${cells.code(line.value) if line.value else cells.NONE}</td><td data-l="Default"><span class="muted">${line.default}</span></td><td class="full" data-l="Meaning">${cells.coded(line.help)}</td></tr>
    % endfor
    </tbody>
  </table>
</section>
% endfor
