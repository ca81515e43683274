<%inherit file="layout.mako"/>
<section class="panel" aria-labelledby="actions">
  <div class="panel-head"><h2 id="actions">Actions</h2> <a href="${ui.url('/api/openapi.json')}">OpenAPI document</a></div>
  <table class="cards">
    <thead><tr><th>POST to</th><th>Of</th><th>What it does</th></tr></thead>
    <tbody>
    % for path, kind, action in rows:
    <tr><th scope="row" class="full"><code>${path}${'' if action.always_json else '.json'}</code></th><td data-l="Of">${kind.label if kind else 'the service'}</td><td class="full">${action.about}</td></tr>
    % endfor
    </tbody>
  </table>
</section>
