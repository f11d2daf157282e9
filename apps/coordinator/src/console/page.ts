import type { RunSummary } from '#ledger';
import type { DistrictView } from './district-view.js';
import { heldSection } from './held-section.js';
import { badge, html, moment, table, Html } from './html.js';
import type { RunView } from './run-view.js';

const REFRESH_S = 15;
const STYLE = new Html(`<style>
body{font:15px/1.5 system-ui,sans-serif;color:#222;max-width:76rem;margin:0 auto;padding:1rem 1.5rem 4rem}
h1{margin:.5rem 0}h2{margin:1.5rem 0 .5rem}h3{margin:1rem 0 .3rem}small,.small{color:#666;font-size:12.5px}
table{border-collapse:collapse;display:block;margin:.3rem 0 1rem;overflow-x:auto}
td,th{padding:.3rem 1.2rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid #ddd}
td{max-width:34rem}td:first-child{min-width:8rem}.why{display:block;min-width:13rem;overflow-wrap:anywhere}td.n{min-width:0;text-align:right;font-variant-numeric:tabular-nums}code{font-size:12.5px;word-break:break-all}
.badge{border-radius:4px;padding:.05rem .45rem;background:#e4e9f2;white-space:nowrap}
.completed,.active{background:#d9efdc}.held,.late{background:#ffe3b3}.aborted,.suspended{background:#f6d3d0}
section.held{background:#fffaf0;border:1px solid #e0b060;border-left:5px solid #c80;border-radius:4px;padding:.2rem 1.2rem 1rem;margin:1rem 0}
details{margin:.4rem 0}summary{cursor:pointer}.names{columns:3 18rem;margin:.3rem 0;padding-left:1.2rem}
.names li{break-inside:avoid}.names small{display:block}th,time{white-space:nowrap}form{margin:0}section form{margin-top:1rem}label{margin-right:1rem}
button{font:inherit;padding:.15rem .7rem;cursor:pointer;white-space:nowrap}.notice{background:#ffe3b3;padding:.4rem .8rem;border-radius:4px}
</style>`);

/** What became of a form, by the name it has in the page's address. */
export const NOTICES = {
  undecidable:
    'Not decided: the run is not held any more, its plan is another one, or its district is suspended.',
  suspended: 'No run was asked for: the district is suspended.',
  wanted: 'The run will be opened as soon as all partitions are ready.',
} as const;

export interface Page {
  readonly districts: readonly DistrictView[];
  readonly runs: readonly RunSummary[];
  readonly held: readonly RunView[];
  readonly notice: keyof typeof NOTICES | null;
}

/** The console's only page: what is held, the districts, and their last runs. */
export function renderPage({ districts, runs, held, notice }: Page): string {
  const nameOf = new Map(districts.map(({ districtId, name }) => [districtId, name]));
  const named = (districtId: string): string => nameOf.get(districtId) ?? districtId;
  // Not while somebody may be writing into a form.
  const refresh = held.length > 0 ? '' : html`<meta http-equiv="refresh" content="${REFRESH_S};url=/" />`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${held.length > 0 ? `(${held.length} held) ` : ''}Rollcall</title>
        ${refresh} ${STYLE}
      </head>
      <body>
        <h1>Rollcall</h1>
        <p class="small">
          <a href="/openapi.json">admin API</a> · <a href="/health/ready">health</a> ·
          <a href="/metrics">metrics</a>
        </p>
        ${notice === null ? '' : html`<p class="notice">${NOTICES[notice]}</p>`}
        ${held.map((run) => heldSection(run, named(run.districtId)))}
        <h2>Districts</h2>
        ${districts.length === 0 ? NO_DISTRICTS : districtTable(districts)}
        <h2>Last runs</h2>
        ${runs.length === 0 ? html`<p>No run was opened yet.</p>` : runTable(runs, named)}
      </body>
    </html>`.text;
}

const NO_DISTRICTS = html`<p>
  No district is known yet: none is listed, or the list could not be read (see
  <a href="/health/ready">health</a>).
</p>`;

function districtTable(districts: readonly DistrictView[]): Html {
  const rows = districts.map((district) => {
    const { districtId, name, state, reason, lastRun, readyStamp } = district;
    const ask = html`<form method="post" action="/asked/${encodeURIComponent(districtId)}">
      <button>Pull now</button>
    </form>`;
    return [
      html`${name}<br /><small>${districtId}</small>${quirksOf(district)}`,
      html`${badge(state)} ${reason ?? ''} ${lateOf(district)} ${driftOf(district)}`,
      lastRun === null ? 'none yet' : html`${badge(lastRun.state)} ${moment(lastRun.stateAt)}`,
      readyStamp === null ? '' : moment(readyStamp),
      wantedOf(district),
      state === 'active' ? ask : '',
    ];
  });
  return table(['district', 'state', 'last run', 'newest data', 'next run', ''], rows);
}

function quirksOf({ quirks }: DistrictView): Html {
  return quirks.length === 0 ? html`` : html`<br /><small>its source: ${quirks.join(', ')}</small>`;
}

function driftOf({ drifts }: DistrictView): Html {
  if (drifts.length === 0) return html``;
  const types = [...new Set(drifts.map(({ entityType }) => entityType))].join(', ');
  return html`<br /><small>a copy differs from its watermark: ${types}</small>`;
}

function lateOf({ lateSince, completedAt }: DistrictView): Html {
  if (lateSince === null) return html``;
  const last =
    completedAt === null ? 'no run was ever completed' : html`last completed ${moment(completedAt)}`;
  return html`<br />${badge('late')} <small>${last}</small>`;
}

function wantedOf({ wanted, blackout }: DistrictView): Html {
  const until = blackout === null ? '' : html`<br /><small>blackout until ${moment(blackout.until)}</small>`;
  if (wanted === null) return html`${until}`;
  return html`${wanted.cause}, ${moment(wanted.dueAt)} ${wanted.trouble ?? ''} ${until}`;
}

function runTable(runs: readonly RunSummary[], named: (districtId: string) => string): Html {
  const rows = runs.map((run) => {
    const { districtId, generation, state, cause, attempt, openedAt, persisted, why, quarantined, warnings } =
      run;
    const link = `/districts/${encodeURIComponent(districtId)}/runs/${generation}`;
    return [
      named(districtId),
      html`<a href="${link}">${generation}</a>`,
      badge(state),
      attempt > 1 ? `${cause}, try ${attempt}` : cause,
      moment(openedAt),
      persisted ? 'yes' : '',
      quarantined > 0 ? quarantined : '',
      warnings > 0 ? warnings : '',
      html`<span class="why">${why ?? ''}</span>`,
    ];
  });
  return table(
    ['district', 'run', 'state', 'cause', 'opened', 'in Postgres', 'quarantined', 'warnings', 'why'],
    rows,
  );
}
