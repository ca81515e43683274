<%inherit file="layout.mako"/>
<section class="panel" aria-labelledby="items">
  <div class="panel-head"><h2 id="items">What became of each</h2></div>
  <table class="list cards">
    <thead><tr><th>File</th><th>Result</th><th>Certificate</th><th>Why</th></tr></thead>
    <tbody>
    % for result in results:
    <tr>
      <th scope="row" class="full">${result.name}</th>
      <td>${result.outcome}</td>
      <td>
      % if result.certificate is not None:
        <a href="${ui.url('/certificate-signed/%d' % result.certificate)}">#${result.certificate}</a>
      % endif
      </td>
      <td class="full">${result.reason or result.note}</td>
    </tr>
    % endfor
    </tbody>
  </table>
  % if more:
  <p class="more">And ${more} more, which need nobody.</p>
  % endif
</section>
