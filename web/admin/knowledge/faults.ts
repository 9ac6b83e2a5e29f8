// What is wrong with a field, in the words of the language; the server's own are for programs.

import { html, nothing, type TemplateResult } from 'lit';
import type { FieldError } from '../api';
import { t } from '../texts';
import { BLANK } from './entry';

/** A field as REST names it: `questions[1]`, or `entry.questions[1]` of a proposal. */
function read({ field }: FieldError): { name: string; line: number } {
  const [, name = '', at] = /^(?:entry\.)?(\w+)(?:\[(\d+)\])?/.exec(field) ?? [];
  return { name, line: at === undefined ? 0 : Number(at) + 1 };
}

/** Of one field, with its place in a list; "" when nothing is wrong with it. */
export function wrongWith(name: string, errors: FieldError[]): string {
  const found = errors.map(read).filter((one) => one.name === name);
  return found.map(({ line }) => `${line ? `${t('knowledge.line', { line })} ` : ''}${t(`knowledge.wrong_${name}`)}`).join(' ');
}

/** Of a row of a file. What no field of an entry is, a row or a column, is told as the server tells it. */
export function rowFault(one: FieldError): TemplateResult {
  const { name } = read(one);
  const known = Object.hasOwn(BLANK, name);
  return html`${one.row ? html`<strong>${t('import.row', { row: one.row })}</strong> ` : nothing}${known ? html`${t(`knowledge.${name}`)}: ${wrongWith(name, [one])}` : `${one.field}: ${one.detail}`}
    ${known ? html`<small>${one.detail}</small>` : nothing}`;
}
