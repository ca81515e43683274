<%inherit file="layout.mako"/>
<%! import json %>\
% for server, said in answers.items():
<section class="panel" aria-labelledby="s-${loop.index}">
  <h2 id="s-${loop.index}">${server}</h2>
  <div class="body">
  <p>${said.reason or 'It answers.'}</p>
<pre class="copy" tabindex="0" role="region" aria-label="Answer of ${server}">${json.dumps(said.document, indent=2)[:20000]}</pre>
  </div>
</section>
% endfor
