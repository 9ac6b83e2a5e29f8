// What an import did, or would do, row by row; and how far one is that takes longer.

import { html, nothing, type TemplateResult } from 'lit';
import type { FieldError } from '../api';
import { badge, card, table } from '../parts';
import { number, t } from '../texts';
import { entryLink } from './evaluation';
import { rowFault } from './faults';

export interface Terms {
  mode: 'merge' | 'replace';
  partial: boolean;
}

const ACTIONS = ['created', 'changed', 'unchanged', 'deactivated', 'refused'] as const;
const KINDS = { created: 'good', changed: 'warn', unchanged: 'plain', deactivated: 'warn', refused: 'bad' } as const;
const MOST_SHOWN = 200;

export interface Outcome {
  row?: number;
  action: (typeof ACTIONS)[number];
  entryId?: string;
  faults?: FieldError[];
}

export type Imported = { applied: boolean; items: Outcome[] } & Record<(typeof ACTIONS)[number], number>;

export interface Job {
  id: string;
  state: 'waiting' | 'running' | 'done' | 'failed';
  rows: number;
  done: number;
  result: Imported | null;
  faults: FieldError[];
  file: string;
}

export const goesOn = ({ state }: Job): boolean => state === 'waiting' || state === 'running';

export function waiting({ rows, done, state }: Job): TemplateResult {
  const told = t(`import.${state}`, { done: number(done), rows: number(rows) });
  return html`<p role="status">${told}</p><progress max=${rows || 1} .value=${done} aria-label=${told}></progress>`;
}

/** What is refused comes first, what stays as it is last. */
export function report(told: Imported, terms: Terms): TemplateResult {
  const rank = (one: Outcome) => ['refused', 'deactivated', 'created', 'changed', 'unchanged'].indexOf(one.action);
  const items = [...told.items].sort((one, other) => rank(one) - rank(other));
  const counted = ACTIONS.filter((action) => told[action] || action !== 'deactivated' || terms.mode === 'replace');
  return html`
    <p class=${told.applied ? 'done' : 'verdict'} role="status">${t(told.applied ? 'import.applied' : 'import.tried')}</p>
    <dl class="cards">${counted.map((action) => card(t(`import.${action}`), number(told[action])))}</dl>
    ${items.length ? table([t('import.line'), t('import.becomes'), t('import.entry'), t('import.faults')], items.slice(0, MOST_SHOWN).map((one) => row(one, told.applied)), t('import.report')) : nothing}
    ${items.length > MOST_SHOWN ? html`<p class="quiet">${t('import.notShown', { count: items.length - MOST_SHOWN })}</p>` : nothing}`;
}

function row(one: Outcome, applied: boolean): (string | number | TemplateResult)[] {
  const faults = one.faults?.map((fault) => html`<div>${rowFault({ ...fault, row: 0 })}</div>`); // the row is told beside it
  const there = one.entryId && one.action !== 'refused' && (applied || one.action !== 'created');
  return [one.row ?? '–', badge(t(`import.row_${one.action}`), KINDS[one.action]), there ? entryLink(one.entryId!) : (one.entryId ?? ''), html`${faults}`];
}
