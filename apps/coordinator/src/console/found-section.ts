/* What reading a snapshot found in its records, for somebody who has to judge it: counts, ids and reasons. */
import { ENTITY_TYPES } from '#contracts';
import { html, table, type Html } from './html.js';
import type { FoundView } from './run-view.js';

export function foundSection(found: FoundView): Html {
  const parts = [
    ...notRead(found),
    ...quarantined(found),
    ...erased(found),
    ...warnings(found),
    ...masked(found),
  ];
  return html`${parts}`;
}

function notRead({ notGranted, notAllowed }: FoundView): Html[] {
  const said = (types: readonly string[], why: string): Html[] =>
    types.length === 0 ? [] : [html`<p>${why}: ${types.join(', ')}.</p>`];
  return [
    ...said(notGranted, 'Not granted by the source'),
    ...said(notAllowed, "Not on the district's allow-list, so not read"),
  ];
}

function quarantined({ quarantined: counts, quarantinedRecords }: FoundView): Html[] {
  return ENTITY_TYPES.flatMap((type) => {
    const count = counts[type] ?? 0;
    if (count === 0) return [];
    const listed = quarantinedRecords[type] ?? [];
    const rows = listed.map(({ gg4lId, attribute, reason }) => [
      gg4lId,
      attribute === null ? reason : `${attribute}: ${reason}`,
    ]);
    const more = count > listed.length ? html`<p>and ${count - listed.length} more</p>` : '';
    return [
      html`<details>
        <summary><strong>${count} ${type}</strong>: quarantined records, kept as they were</summary>
        ${table(['GG4L ID', 'why'], rows)} ${more}
      </details>`,
    ];
  });
}

function erased({ erased: counts }: FoundView): Html[] {
  const told = ENTITY_TYPES.flatMap((type) => ((counts[type] ?? 0) > 0 ? [`${counts[type]} ${type}`] : []));
  return told.length === 0 ? [] : [html`<p>Left out because they were erased: ${told.join(', ')}.</p>`];
}

function warnings({ warnings: counts }: FoundView): Html[] {
  const rows = ENTITY_TYPES.flatMap((type) =>
    Object.entries(counts[type] ?? {}).map(([attribute, reasons]) => {
      const told = Object.entries(reasons).map(([reason, count]) => `${reason}: ${count}`);
      return [type, attribute, told.join(', ')];
    }),
  );
  if (rows.length === 0) return [];
  return [
    html`<details>
      <summary>Warnings: values that were missing, empty, masked or not of their kind</summary>
      ${table(['type', 'attribute', 'how many'], rows)}
    </details>`,
  ];
}

function masked({ masked: now, maskedBefore }: FoundView): Html[] {
  const told = ENTITY_TYPES.flatMap((type) => {
    const people = now[type];
    const before = maskedBefore?.[type];
    if (people === undefined || people.masked + (before?.masked ?? 0) === 0) return [];
    const compared = before === undefined ? '' : `, ${before.masked} of ${before.records} before`;
    return [`${people.masked} of ${people.records} ${type} came masked${compared}`];
  });
  return told.length === 0 ? [] : [html`<p>Privacy Shield: ${told.join('; ')}.</p>`];
}
