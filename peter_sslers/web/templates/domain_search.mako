<%inherit file="layout.mako"/>
<%namespace name="table" file="table.mako"/>
% if domain:
<section class="panel" aria-label="Domain">
${table.rows(ui.resources.of(type(domain)), [domain], 'list cards')}
</section>
% endif
% if queued:
<section class="panel" aria-labelledby="queue">
  <h2 id="queue">Queue of domains</h2>
${table.rows(ui.resources.of(type(queued[0])), queued, 'list cards')}
</section>
% endif
% if not domain and not queued:
<section class="panel" aria-labelledby="nothing">
  <div class="empty">
    <h2 id="nothing">No domain of this name</h2>
    <p>It was in no order and in no certificate, and nobody has queued it.</p>
    <p class="tools"><a class="button" href="${ui.url('/domain/new')}">New domain</a></p>
  </div>
</section>
% endif
