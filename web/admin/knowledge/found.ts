// What a search found, and why: how each word was read, where it is in an entry, and what the score is made of.

import { html, nothing, type TemplateResult } from 'lit';
import { link } from '../page';
import { badge } from '../parts';
import { number, percent, t } from '../texts';

export interface Reading {
  word: string;
  weight: number;
  corrected: string;
  synonyms: string[];
  unknown: boolean;
}

interface Match {
  word: string;
  field: string;
  found: string[];
}

export interface Result {
  entryId: string;
  version: number;
  score: number;
  title: string;
  snippet: string;
  why?: { parts: Record<string, number>; matches: Match[] };
}

export interface Found {
  items: Result[];
  answerable: boolean;
  confidence: number;
  readings?: Reading[];
}

export function verdict({ answerable, confidence, items }: Found): TemplateResult {
  const [text, kind] = !items.length ? (['nothing', 'bad'] as const) : answerable ? (['answers', 'good'] as const) : (['unsure', 'warn'] as const);
  return html`<p class="verdict">${badge(t(`search.${text}`), kind)} ${items.length ? t('search.confidence', { confidence: percent(confidence) }) : nothing}</p>`;
}

/** The words of the question as the search took them. */
export function words(readings: Reading[]): TemplateResult {
  return html`<section aria-labelledby="read"><h2 id="read">${t('search.read')}</h2>
    <ul class="chips">${readings.map((one) => html`<li class=${one.unknown ? 'chip unknown' : 'chip'}>
      <strong>${one.word}</strong>
      ${one.corrected && one.corrected !== one.word ? html`<span>→ ${one.corrected}</span>` : nothing}
      ${one.unknown ? html`<span>${t('search.unknown')}</span>` : nothing}
      ${one.synonyms.length ? html`<small>≈ ${one.synonyms.join(', ')}</small>` : nothing}
      <small>${t('search.weight', { weight: number(one.weight, 1) })}</small>
    </li>`)}</ul></section>`;
}

export function found(one: Result, place: number): TemplateResult {
  return html`<li class="panel">
    <h2><span class="place">${place + 1}</span> <a href=${link('knowledge', one.entryId)}>${one.title}</a>
      <small>${one.entryId} · v${one.version}</small> ${badge(number(one.score, 2))}</h2>
    <p>${one.snippet}</p>
    ${one.why ? why(one.why.parts, one.why.matches) : nothing}
  </li>`;
}

function why(parts: Record<string, number>, matches: Match[]): TemplateResult {
  const counted = Object.entries(parts).filter(([, part]) => part >= 0.005).sort(([, one], [, other]) => other - one);
  const most = Math.max(...counted.map(([, part]) => part), 1);
  return html`<dl class="matches">${fieldsOf(matches).map((field) => html`<div><dt>${t(`knowledge.${field}`)}</dt>
      <dd>${matches.filter((one) => one.field === field).map(matched)}</dd></div>`)}</dl>
    ${parts.wordForWord ? html`<p>${badge(t('search.wordForWord'), 'good')}</p>` : nothing}
    <details><summary>${t('search.parts')}</summary>
      <dl class="parts">${counted.map(([name, part]) => html`<div><dt>${t(`search.part_${name}`)}</dt>
        <dd><meter min="0" max=${most} .value=${part} aria-label=${t(`search.part_${name}`)}></meter> ${number(part, 2)}</dd></div>`)}</dl>
    </details>`;
}

function fieldsOf(matches: Match[]): string[] {
  return [...new Set(matches.map((one) => one.field))];
}

/** `faxna → faxina, limpeza`; a word that stands there as it was asked is itself. */
function matched({ word, found }: Match): TemplateResult {
  const others = found.filter((one) => one !== word);
  return html`<span class="match"><mark>${word}</mark>${others.length ? html` → ${others.join(', ')}` : nothing}</span>`;
}
