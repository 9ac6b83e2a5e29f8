// How the assistant does: figures, their course over the days, what they are made of, and the weekly report.

import { html, nothing, type TemplateResult } from 'lit';
import { breakdowns } from '../dashboard/breakdowns';
import { cards } from '../dashboard/cards';
import { Chart } from '../dashboard/chart';
import type { Day, Summary } from '../dashboard/figures';
import { download, report } from '../dashboard/report';
import { type Series, series } from '../dashboard/series';
import { figure } from '../dashboard/twin';
import { dateText, timeText, today } from '../dashboard/weeks';
import { go, link, Page } from '../page';
import { empty, field } from '../parts';
import { t } from '../texts';

const SPANS = ['1', '7', '30', '90'];
const USER_TYPES = ['', 'client', 'provider', 'anonymous'];

customElements.define('admin-chart', Chart);

export class DashboardPage extends Page {
  private summary: Summary | undefined;
  private series: Series[] = [];

  async load(): Promise<void> {
    const { route, asked } = this;
    this.summary = undefined;
    const [summary, daily] = await Promise.all([
      this.api.get<Summary>('/analytics/summary', asked),
      this.api.get<{ items: Day[] }>('/analytics/daily', asked),
    ]);
    if (route !== this.route) return; // another range was asked for meanwhile
    this.summary = summary;
    this.series = series(daily.items);
  }

  body(): TemplateResult {
    const summary = this.summary;
    if (!summary) return html``;
    return html`
      ${this.controls(summary)}
      ${summary.cards.sessions || summary.cards.turns ? this.figures(summary) : empty(t('dashboard.nothing'))}
      ${report(today(summary.timeZone), this.busy, (week, form) => void this.attempt(() => download(this.api, week, form)))}`;
  }

  private figures(summary: Summary): TemplateResult {
    return html`
      ${cards(summary)}
      <div class="figures">
        ${this.series.map(({ title, plot, twin }) => figure(title, html`<admin-chart .plot=${plot}></admin-chart>`, twin))}
        ${breakdowns(summary)}
      </div>`;
  }

  private controls(summary: Summary): TemplateResult {
    const { days = '', userType = '' } = this.asked;
    const span = (one: string): TemplateResult =>
      html`<a class="button second" href=${link('dashboard', '', { days: one, userType })} aria-current=${one === days ? 'true' : nothing}>${t(`dashboard.days${one}`)}</a>`;
    return html`
      <div class="spans" role="group" aria-label=${t('dashboard.span')}>${SPANS.map(span)}</div>
      <form class="row" @submit=${this.choose} @change=${this.filter}>
        ${field(t('dashboard.from'), html`<input type="date" name="from" required .value=${summary.from}>`)}
        ${field(t('dashboard.to'), html`<input type="date" name="to" required .value=${summary.to}>`)}
        <button class="second">${t('dashboard.show')}</button>
        ${field(t('dashboard.userType'), html`<select name="userType">
          ${USER_TYPES.map((one) => html`<option value=${one} ?selected=${one === userType}>${t(`dashboard.user_${one || 'all'}`)}</option>`)}
        </select>`)}
      </form>
      <p class="quiet">${this.counted(summary)}</p>`;
  }

  private counted({ from, to, timeZone, countedUntil, activeSessions }: Summary): string {
    const range = t('dashboard.range', { from: dateText(from, true), to: dateText(to, true), zone: timeZone });
    const until = countedUntil ? t('dashboard.countedUntil', { at: timeText(countedUntil, timeZone) }) : t('dashboard.notCounted');
    return `${range} ${until} ${t('dashboard.active', { count: activeSessions })}`;
  }

  /** What the address asks for; the last seven days without anything. */
  private get asked(): Record<string, string> {
    const { days, ...given } = Object.fromEntries(this.route.query);
    return given.from && given.to ? given : { ...given, days: days ?? '7' };
  }

  private readonly choose = (event: SubmitEvent): void => {
    event.preventDefault();
    const { from = '', to = '', userType = '' } = chosen(event.currentTarget as HTMLFormElement);
    go('dashboard', '', { from: from < to ? from : to, to: from < to ? to : from, userType });
  };

  private readonly filter = (event: Event): void => {
    const { userType = '' } = chosen(event.currentTarget as HTMLFormElement);
    if ((event.target as HTMLInputElement).name === 'userType') go('dashboard', '', { ...this.asked, userType });
  };
}

function chosen(form: HTMLFormElement): Record<string, string> {
  return Object.fromEntries(new FormData(form)) as Record<string, string>;
}
