// The weekly report to take along: a week, and the four forms of it.

import { html, type TemplateResult } from 'lit';
import { type Api, save } from '../api';
import { field } from '../parts';
import { locale, t } from '../texts';
import { dateText, lastWeeks, type Week } from './weeks';

const WEEKS = 12;
const FORMS = ['html', 'markdown', 'csv', 'json'] as const;
export type Form = (typeof FORMS)[number];

/** `take` is called with what was chosen. */
export function report(today: string, busy: boolean, take: (week: string, form: Form) => void): TemplateResult {
  const chosen = (event: SubmitEvent): void => {
    event.preventDefault();
    const week = new FormData(event.target as HTMLFormElement).get('week') as string;
    take(week, (event.submitter as HTMLButtonElement).value as Form);
  };
  const weeks = lastWeeks(today, WEEKS).map((week) => html`<option value=${week.name}>${spelled(week)}</option>`);
  return html`<section class="panel report" aria-labelledby="report">
    <h2 id="report">${t('dashboard.report')}</h2>
    <p class="quiet">${t('dashboard.reportAbout')}</p>
    <form class="row" @submit=${chosen}>
      ${field(t('dashboard.week'), html`<select name="week">${weeks}</select>`)}
      ${FORMS.map((form) => html`<button class="second" value=${form} ?disabled=${busy}>${t(`dashboard.as_${form}`)}</button>`)}
    </form>
  </section>`;
}

export async function download(api: Api, week: string, form: Form): Promise<void> {
  const path = '/analytics/reports/weekly';
  if (form !== 'json') return api.download(path, { week, format: form, locale });
  const figures = JSON.stringify(await api.get(path, { week }), null, 1);
  save(new Blob([figures], { type: 'application/json' }), `${week}.json`);
}

const spelled = ({ name, from, to }: Week): string => `${name}: ${dateText(from)} – ${dateText(to, true)}`;
