// "Why this answer?": what was found and how it was judged, and what would be found today. Asked for when it is opened.

import { html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import { type Api, Refused } from '../api';
import { badge, table } from '../parts';
import { link, told } from '../page';
import { money, number, percent, t } from '../texts';
import type { Message, Provenance, Replay } from './records';
import { facts } from './transcript';

const WIDTH = 100; // of the bars, in their own units

export class Why extends LitElement {
  static override properties = { api: { attribute: false }, message: { attribute: false }, replay: { state: true }, problem: { state: true } };

  declare api: Api;
  declare message: Message;
  declare private replay: Replay | undefined;
  declare private problem: Refused | undefined;

  protected override createRenderRoot(): this {
    return this;
  }

  protected override render(): TemplateResult {
    return html`<details @toggle=${this.toggled}><summary>${t('conversations.why')}</summary>${this.explanation(this.message.provenance!)}</details>`;
  }

  private readonly toggled = (event: Event): void => {
    if ((event.target as HTMLDetailsElement).open && !this.replay) void this.ask();
  };

  private async ask(): Promise<void> {
    const { session_id: session, message_id: id } = this.message;
    this.problem = undefined;
    try {
      this.replay = await this.api.get<Replay>(`/conversations/${encodeURIComponent(session)}/messages/${encodeURIComponent(id)}/replay`);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.problem = error;
    }
  }

  private explanation(from: Provenance): TemplateResult {
    return html`<div class="why">
      ${entriesView(from, this.message, this.replay)}
      ${this.problem ? html`<p class="alert" role="alert">${told(this.problem)}</p>` : nothing}
      ${this.replay ? verdictsView(from, this.replay) : html`<p class="quiet" role="status">${this.problem ? '' : t('conversations.replaying')}</p>`}
      ${factsView(from, this.message)} ${timingsView(from)}
    </div>`;
  }
}

/** What was found, and beside it what would be today: one row for each entry of either. */
function entriesView({ retrieved = [] }: Provenance, { sources = [] }: Message, replay: Replay | undefined): TemplateResult {
  const now = replay?.entries ?? [];
  const ids = [...new Set([...retrieved.map((one) => one.entry_id), ...now.map((one) => one.entryId)])];
  if (!ids.length) return html`<p>${t('conversations.nothingFound')}</p>`;
  const rows = ids.map((id) => {
    const place = retrieved.findIndex((one) => one.entry_id === id);
    const source = sources.find((one) => one.entryId === id);
    const title = now.find((one) => one.entryId === id)?.title || source?.title || id;
    return [
      html`<a href=${link('knowledge', id)}>${title}</a> ${source ? badge(t('conversations.used'), 'good') : nothing}`,
      place < 0 ? '—' : scored(place, retrieved[place]!),
      replay ? today(replay, id, retrieved[place]?.version) : '…',
    ];
  });
  return table([t('conversations.entry'), t('conversations.then'), t('conversations.now')], rows, t('conversations.entries'));
}

function scored(place: number, { score, version }: { score: number; version: number }): TemplateResult {
  return html`#${place + 1} · ${number(score, 3)} <small>${t('conversations.version', { version })}</small>`;
}

function today({ entries }: Replay, id: string, before: number | undefined): TemplateResult {
  const place = entries.findIndex((one) => one.entryId === id);
  const { version, score } = entries[place] ?? { version: null, score: null };
  if (version === null) return html`${badge(t('conversations.gone'), 'bad')}`;
  const mark = before === undefined ? badge(t('conversations.new'), 'good') : before !== version ? badge(t('conversations.changed'), 'warn') : nothing;
  if (score === null) return html`${t('conversations.notFound')} ${mark}`;
  return html`${scored(place, { score, version })} ${mark}`;
}

function verdictsView({ confidence = 0, answerable = false, follow_up = false }: Provenance, replay: Replay): TemplateResult {
  const verdict = (yes: boolean) => t(yes ? 'conversations.answerable' : 'conversations.unanswerable');
  const note = follow_up || replay.followUp ? html`<p class="quiet">${t('conversations.followUp')}</p>` : nothing;
  const rows = [
    [t('conversations.confidence'), percent(confidence), percent(replay.confidence)],
    [t('conversations.verdict'), verdict(answerable), verdict(replay.answerable)],
  ];
  return html`${table([t('conversations.judged'), t('conversations.then'), t('conversations.now')], rows, t('conversations.verdicts'))} ${note}`;
}

function factsView(from: Provenance, { cached, finish = 'complete' }: Message): TemplateResult {
  const by = ['cache', 'fixed', 'fallback', 'knowledge'].includes(from.model) ? t(`conversations.by_${from.model}`) : from.model;
  const tokens = t('conversations.tokensOf', { prompt: from.prompt_tokens ?? 0, reply: from.reply_tokens ?? 0 });
  return facts([
    [t('conversations.by'), by],
    [t('conversations.promptVersion'), html`<code>${from.prompt_version}</code>`],
    [t('conversations.intent'), t(`conversations.intent_${from.intent}`)],
    [t('conversations.outcome'), t(`conversations.${finish}`)],
    [t('conversations.mood'), from.escalation ? t(`conversations.mood_${from.escalation}`) : t('conversations.calm')],
    [t('conversations.known'), t(from.known ? 'shell.yes' : 'shell.no')],
    [t('conversations.fromCache'), t(cached ? 'shell.yes' : 'shell.no')],
    [t('conversations.tokens'), tokens],
    [t('conversations.cost'), money(from.cost_usd ?? 0)],
    [t('conversations.attempt'), number(from.attempt ?? 1)],
    [t('conversations.failures'), from.failures?.join(', ') || '—'],
  ]);
}

function timingsView({ timings = {}, waited_ms = 0 }: Provenance): TemplateResult | typeof nothing {
  const steps = Object.entries(timings).sort(([, one], [, other]) => one - other);
  const whole = waited_ms + Math.max(1, ...steps.map(([, ms]) => ms));
  const bar = (to: number) => svg`<rect width=${(WIDTH * to) / whole} height="6" rx="3"></rect>`;
  const drawn = (ms: number) => html`<svg class="bar" viewBox="0 0 ${WIDTH} 6" preserveAspectRatio="none" aria-hidden="true">${bar(ms)}</svg>`;
  const row = (name: string, ms: number) => [t(`conversations.step_${name}`), html`<span class="timed">${number(ms)} ms ${drawn(ms)}</span>`];
  const rows = [row('queued', waited_ms), ...steps.map(([name, ms]) => row(name, waited_ms + ms))];
  return table([t('conversations.step'), t('conversations.after')], rows, t('conversations.timings'));
}
