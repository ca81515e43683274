<%inherit file="layout.mako"/>
<div class="${'cols' if facts else 'single'}">
<section class="panel" aria-labelledby="try">
  <h2 id="try">What you can do</h2>
  <ul class="needs">
  % for text, label, path in ways:
    <li><span>${text}</span> <a href="${ui.url(path)}">${label}</a></li>
  % endfor
  </ul>
</section>
% if facts:
<section class="panel" aria-labelledby="ref">
  <h2 id="ref">For the log</h2>
  <table class="facts">
  % for name, value in facts:
  <tr><th scope="row">${name}</th><td><code class="copy">${value}</code></td></tr>
  % endfor
  </table>
</section>
% endif
</div>
