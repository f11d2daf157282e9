/* A held plan as somebody reads it who has to decide: why, what would happen, to whom, and the two buttons. */
import { ENTITY_TYPES } from '#contracts';
import type { RosterName } from '#ledger';
import { foundSection } from './found-section.js';
import { html, moment, table, type Html } from './html.js';
import type { RunView, StaleView } from './run-view.js';

const VERBS = ['created', 'updated', 'restored', 'archived', 'unchanged', 'quarantined'] as const;
const NAMES_SHOWN = 120;
/** What the others list mostly follows from these. */
const OPENED: ReadonlySet<string> = new Set(['orgs', 'courses', 'classes', 'users']);

export function heldSection(run: RunView, districtName: string): Html {
  const { generation, hold, stateAt } = run;
  const waits =
    hold === 'sweep'
      ? 'What it creates, updates and restores is applied; only archiving waits.'
      : 'Nothing of it is applied.';
  return html`<section class="held">
    <h2>${districtName}: a plan waits for a decision</h2>
    <p>Run ${generation}, held since ${moment(stateAt)}. ${waits} A newer run takes its place.</p>
    <ul>
      ${sentencesOf(run).map((sentence) => html`<li><strong>${sentence}</strong></li>`)}
    </ul>
    <h3>The plan</h3>
    ${counts(run)} ${run.stale.length === 0 ? '' : html`<h3>Would be archived</h3>`}
    ${run.stale.map(staleList)}
    <h3>How it was read</h3>
    ${proofOf(run)} ${foundSection(run.found)} ${quirksOf(run)} ${decisionForm(run)}
  </section>`;
}

function sentencesOf({ guard, why }: RunView): readonly string[] {
  const sentences = guard.flatMap((finding) =>
    'sentence' in finding && typeof finding.sentence === 'string' ? [finding.sentence] : [],
  );
  return sentences.length > 0 ? sentences : [why ?? 'no reason given'];
}

function counts({ types }: RunView): Html {
  const rows = ENTITY_TYPES.flatMap((type) => {
    const verbs = types[type];
    return verbs === undefined ? [] : [[type, ...VERBS.map((verb) => verbs[verb])]];
  });
  return table(['', ...VERBS], rows);
}

function staleList({ entityType, count, schools, names }: StaleView): Html {
  const bySchool = schools.map(({ school, count: of }) => `${school}: ${of}`).join(', ');
  const shown = names.slice(0, NAMES_SHOWN);
  const more = count > shown.length ? html`<p>and ${count - shown.length} more</p>` : '';
  return html`<details ${OPENED.has(entityType) ? 'open' : ''}>
    <summary><strong>${count} ${entityType}</strong> (${bySchool})</summary>
    <ul class="names">
      ${shown.map(nameOf)}
    </ul>
    ${more}
  </details>`;
}

const nameOf = ({ gg4lId, name }: RosterName): Html =>
  name === null || name === gg4lId
    ? html`<li>${gg4lId}</li> `
    : html`<li>${name} <small>${gg4lId}</small></li> `;

function proofOf({ proof, stillThere }: RunView): Html {
  const proven = proof.filter(({ state }) => state === 'proven').length;
  const failed = proof.some(({ state }) => state === 'failed');
  const ids = ENTITY_TYPES.flatMap((type) =>
    (stillThere[type] ?? []).map((id) => html`<li>${type} ${id}</li> `),
  );
  return html`<details ${failed ? 'open' : ''}>
    <summary>Was everything read? ${proven} of ${proof.length} points proven</summary>
    ${table(
      ['point', '', 'what was found'],
      proof.map(({ point, state, finding }) => [point, state, finding]),
    )}
    ${
      ids.length === 0
        ? ''
        : html`<p>The source still gives, asked one by one:</p>
            <ul class="names">
              ${ids}
            </ul>`
    }
  </details>`;
}

function quirksOf({ quirks }: RunView): Html {
  return quirks.length === 0 ? html`` : html`<p>Its source: ${quirks.join(', ')}.</p>`;
}

function decisionForm({ districtId, generation, digest }: RunView): Html {
  return html`<form method="post" action="/decisions/${encodeURIComponent(districtId)}/${generation}">
    <input type="hidden" name="digest" value="${digest ?? ''}" />
    <label>Who decides <input name="who" required maxlength="200" autocomplete="name" /></label>
    <label>Why <input name="why" required maxlength="2000" size="40" /></label>
    <button name="verdict" value="approval">Approve this plan</button>
    <button name="verdict" value="rejection">Reject it</button>
    <p class="small">
      Its digest <code>${digest ?? ''}</code>; a decision is for exactly this plan. By the admin API:
      <code>POST /districts/${districtId}/runs/${generation}/approval</code> or <code>…/rejection</code>, and
      <code>{"digest", "who", "why"}</code>.
    </p>
  </form>`;
}
