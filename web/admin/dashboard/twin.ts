// The table that says what a chart shows, on the page and as a file for a spreadsheet.

import { html, type TemplateResult } from 'lit';
import { save } from '../api';
import { table } from '../parts';
import { locale, number, t } from '../texts';

export type Cell = string | number | null;

export interface Column {
  title: string;
  show?: (value: number) => string;
}

/** `name`: of the file. */
export interface Twin {
  name: string;
  columns: Column[];
  rows: Cell[][];
}

/** A chart with its title, its table and its file. */
export function figure(title: string, chart: TemplateResult, twin: Twin, shape: 'wide' | 'tall' | '' = ''): TemplateResult {
  return html`<figure class="panel ${shape}">
    <figcaption>
      <h2>${title}</h2>
      <button type="button" class="plain" aria-label=${t('dashboard.download', { title })} @click=${() => download(twin)}>CSV</button>
    </figcaption>
    ${chart}
    <details><summary>${t('dashboard.asTable')}</summary>${table(twin.columns.map(({ title }) => title), shown(twin), title)}</details>
  </figure>`;
}

/** As Excel opens it: a byte order mark, and a semicolon where the comma is the decimal's. No cell is taken for a formula. */
export function csv(twin: Twin, language = locale): string {
  const portuguese = language === 'pt-BR';
  const plain = (cell: Cell): string => (typeof cell === 'number' ? decimal(cell, portuguese) : quoted(cell ?? ''));
  const rows = [twin.columns.map(({ title }) => title), ...twin.rows];
  return `\ufeff${rows.map((row) => `${row.map(plain).join(portuguese ? ';' : ',')}\r\n`).join('')}`;
}

export function cell(value: Cell, show: (value: number) => string = number): string {
  return typeof value === 'number' ? show(value) : (value ?? '–');
}

const shown = (twin: Twin): string[][] => twin.rows.map((row) => row.map((value, place) => cell(value, twin.columns[place]!.show)));

const decimal = (value: number, portuguese: boolean): string => (portuguese ? String(value).replace('.', ',') : String(value));

function quoted(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[";,\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function download(twin: Twin): void {
  save(new Blob([csv(twin)], { type: 'text/csv;charset=utf-8' }), `${twin.name}.csv`);
}
