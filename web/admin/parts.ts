// Pieces that several pages draw.

import { html, nothing, type TemplateResult } from 'lit';
import { t } from './texts';

type Shown = string | number | TemplateResult | typeof nothing;

export function card(title: string, value: Shown, note: Shown = nothing): TemplateResult {
  return html`<div class="card"><dt>${title}</dt><dd>${value}</dd>${note === nothing ? nothing : html`<dd class="quiet">${note}</dd>`}</div>`;
}

/** `rows` have a cell for each column; the first names the row. */
export function table(columns: Shown[], rows: Shown[][], caption = ''): TemplateResult {
  return html`<div class="table" tabindex="0" role="region" aria-label=${caption || t('shell.table')}>
    <table>
      ${caption ? html`<caption>${caption}</caption>` : nothing}
      <thead><tr>${columns.map((one) => html`<th scope="col">${one}</th>`)}</tr></thead>
      <tbody>${rows.map((row) => html`<tr>${row.map((cell, place) => (place ? html`<td>${cell}</td>` : html`<th scope="row">${cell}</th>`))}</tr>`)}</tbody>
    </table>
  </div>`;
}

/** For lists with a cursor. */
export function more(nextCursor: string | null | undefined, busy: boolean, go: () => void): TemplateResult | typeof nothing {
  return nextCursor ? html`<button type="button" class="second" ?disabled=${busy} @click=${go}>${t('shell.more')}</button>` : nothing;
}

export function empty(text: string): TemplateResult {
  return html`<p class="empty">${text}</p>`;
}

/** A labelled control; `control` is an input, select or textarea. */
export function field(label: string, control: TemplateResult, wrong = '', hint = ''): TemplateResult {
  return html`<label class="field"><span>${label}</span>${control}${hint ? html`<small>${hint}</small>` : nothing}
    ${wrong ? html`<em role="alert">${wrong}</em>` : nothing}</label>`;
}

export function badge(text: string, kind: 'good' | 'warn' | 'bad' | 'plain' = 'plain'): TemplateResult {
  return html`<span class="badge ${kind}">${text}</span>`;
}

/** Ask before what cannot be taken back. */
export function confirmed(question: string): Promise<boolean> {
  const dialog = document.createElement('dialog');
  dialog.append(Object.assign(document.createElement('p'), { textContent: question }));
  const form = Object.assign(document.createElement('form'), { method: 'dialog' });
  for (const [value, text] of [['', t('shell.no')], ['yes', t('shell.yes')]] as const)
    form.append(Object.assign(document.createElement('button'), { value, textContent: text, className: value ? '' : 'second' }));
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    }),
  );
}
