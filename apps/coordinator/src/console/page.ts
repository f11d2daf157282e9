import { ENTITY_TYPES } from '#contracts';
import type { DistrictSummary, RunSummary } from '#ledger';
import type { RunView, StaleView } from './run-view.js';

const VERBS = ['created', 'updated', 'restored', 'archived', 'unchanged', 'quarantined'] as const;
const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.2rem .8rem;text-align:left;border-bottom:1px solid #ddd}
td.n{text-align:right}code{font-size:13px;word-break:break-all}.held{border-left:4px solid #c80;padding-left:1rem}`;

/** Text for HTML, safe in an element and in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The console's only page: districts, their last runs, and what is held. */
export function renderPage(
  districts: readonly DistrictSummary[],
  runs: readonly RunSummary[],
  held: readonly RunView[],
): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Rollcall</title><style>${STYLE}</style></head>
<body><h1>Rollcall</h1><p>Admin API: <a href="/openapi.json">openapi.json</a></p>
${held.map(heldSection).join('\n')}
<h2>Districts</h2>${table(
    ['district', 'name', 'state', 'last run', 'wanted', 'sent again next', 'copies that differ'],
    districts.map(({ districtId, name, state, reason, lastRun, wanted, refreshes, drifts }) => [
      districtId,
      name,
      reason === null ? state : `${state}: ${reason}`,
      lastRun === null ? '' : `${lastRun.generation} ${lastRun.state}`,
      wanted === null ? '' : `${wanted.cause} at ${wanted.dueAt} ${wanted.trouble ?? ''}`,
      refreshes.map(({ entityType }) => entityType).join(', '),
      drifts.map(({ entityType, partition }) => `${entityType} in partition ${partition}`).join(', '),
    ]),
  )}
<h2>Last runs</h2>${table(
    ['district', 'generation', 'state', 'cause', 'opened', 'in Postgres', 'why'],
    runs.map((run) => [
      run.districtId,
      String(run.generation),
      run.state,
      run.cause,
      run.openedAt,
      run.persisted ? 'yes' : '',
      run.why ?? '',
    ]),
  )}
</body></html>`;
}

function heldSection(run: RunView): string {
  const counts = ENTITY_TYPES.flatMap((type) => {
    const verbs = run.types[type];
    return verbs === undefined ? [] : [[type, ...VERBS.map((verb) => String(verbs[verb]))]];
  });
  const path = `/districts/${run.districtId}/runs/${run.generation}/approval`;
  return `<section class="held"><h2>Held: ${escapeHtml(run.districtId)}, generation ${run.generation}</h2>
<p>${escapeHtml(run.why ?? '')}</p>${table(['type', ...VERBS], counts)}
<p>Digest <code>${escapeHtml(run.digest ?? '')}</code></p>
<p>Approve with <code>POST ${escapeHtml(path)}</code>, or <code>…/rejection</code>, and <code>{"digest", "who", "why"}</code>.</p>
${run.stale.map(staleList).join('\n')}</section>`;
}

function staleList({ entityType, count, schools, names }: StaleView): string {
  const title = `<h3>${count} ${escapeHtml(entityType)} would be archived</h3>`;
  const bySchool = table(
    ['school', 'count'],
    schools.map(({ school, count: of }) => [school, String(of)]),
  );
  const shown = names.map(({ gg4lId, name }) => escapeHtml(name === null ? gg4lId : `${name} (${gg4lId})`));
  return `${title}${bySchool}<p>${shown.join(', ')}</p>`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((text) => `<th>${escapeHtml(text)}</th>`).join('');
  const body = rows.map(
    (cells) =>
      `<tr>${cells.map((cell) => `<td${/^\d+$/.test(cell) ? ' class="n"' : ''}>${escapeHtml(cell)}</td>`).join('')}</tr>`,
  );
  return `<table><tr>${head}</tr>${body.join('')}</table>`;
}
