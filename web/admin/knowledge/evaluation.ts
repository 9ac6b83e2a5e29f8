// How well the knowledge answers the regression questions, as it is and as a change would make it.

import { html, nothing, type TemplateResult } from 'lit';
import { badge, table } from '../parts';
import { link } from '../page';
import { number, percent, t } from '../texts';

export interface Failure {
  questionId: string;
  question: string;
  entryId: string;
  found: string[];
}

export interface Score {
  questions: number;
  recallAt1: number;
  recallAt3: number;
  mrr: number;
  failures: Failure[];
}

export interface Evaluated {
  before: Score;
  after: Score | null;
}

/** A question that the change takes its entry away from, or gives it. */
function moved({ before, after }: Evaluated): { lost: Failure[]; won: Failure[] } {
  const failed = (score: Score) => new Set(score.failures.map((one) => one.questionId));
  const [then, now] = [failed(before), failed(after ?? before)];
  return { lost: (after ?? before).failures.filter((one) => !then.has(one.questionId)), won: before.failures.filter((one) => !now.has(one.questionId)) };
}

export function evaluation(told: Evaluated): TemplateResult {
  const { before, after } = told;
  if (!before.questions) return html`<p class="empty">${t('unanswered.noQuestions')} <a href=${link('unanswered', 'regression')}>${t('unanswered.regression')}</a></p>`;
  const figure = (name: string, shown: (score: Score) => string) => [t(`unanswered.${name}`), shown(before), ...(after ? [shown(after)] : [])];
  const columns = [t('unanswered.figure'), t(after ? 'unanswered.before' : 'unanswered.now'), ...(after ? [t('unanswered.after')] : [])];
  return html`
    ${after ? verdict(told) : nothing}
    ${table(columns, [
      figure('recallAt1', (score) => percent(score.recallAt1)),
      figure('recallAt3', (score) => percent(score.recallAt3)),
      figure('mrr', (score) => number(score.mrr, 3)),
      figure('failed', (score) => t('unanswered.ofQuestions', { failed: score.failures.length, questions: score.questions })),
    ], t('unanswered.scores'))}
    ${failures((after ?? before).failures)}`;
}

function verdict(told: Evaluated): TemplateResult {
  const { lost, won } = moved(told);
  const left = told.after!.failures.length;
  const [text, kind] = lost.length ? (['lost', 'bad'] as const) : left ? (['some', 'warn'] as const) : (['passed', 'good'] as const);
  return html`<p class="verdict" role="status">${badge(t(`unanswered.${text}`), kind)}
    ${won.length ? t('unanswered.gained', { count: won.length }) : nothing}
    ${lost.length ? t('unanswered.taken', { count: lost.length }) : nothing}</p>`;
}

function failures(list: Failure[]): TemplateResult | typeof nothing {
  if (!list.length) return nothing;
  return table(
    [t('unanswered.question'), t('unanswered.expected'), t('unanswered.found')],
    list.map((one) => [one.question, entryLink(one.entryId), html`${one.found.map((id) => html`${entryLink(id)} `)}`]),
    t('unanswered.failures'),
  );
}

export function entryLink(id: string): TemplateResult {
  return html`<a href=${link('knowledge', id)}>${id}</a>`;
}
