/** HTML that is safe as it is; everything else that goes into a page is escaped on its way. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | readonly Html[];

/** Text for HTML, safe in an element and in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export function html(fixed: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(fixed.map((text, index) => text + textOf(parts[index] ?? '')).join(''));
}

function textOf(part: Part): string {
  if (part instanceof Html) return part.text;
  return typeof part === 'object' ? part.map(({ text }) => text).join('') : escapeHtml(String(part));
}

export function table(heads: readonly string[], rows: readonly (readonly Part[])[]): Html {
  const cell = (part: Part): Html =>
    typeof part === 'number' ? html`<td class="n">${part}</td>` : html`<td>${part}</td>`;
  return html`<table>
    <tr>
      ${heads.map((head) => html`<th>${head}</th>`)}
    </tr>
    ${rows.map(
      (parts) =>
        html`<tr>
          ${parts.map(cell)}
        </tr> `,
    )}
  </table>`;
}

/** `2026-08-03 04:00 UTC` of an RFC 3339 time in UTC. */
export function moment(time: string): Html {
  const readable = time.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(\.\d+)?Z$/, '$1 $2 UTC');
  return html`<time title="${time}">${readable}</time>`;
}

export const badge = (state: string): Html => html`<span class="badge ${state}">${state}</span>`;
