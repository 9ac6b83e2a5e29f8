// What stands around the messages: header, menu, who is writing, notices, composer, closing.

import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { DOTS, DOWN, TO_END, UP, icon } from './icons';
import { fill } from './locale';
import type { ChatPanel } from './panel';
import { speaker } from './views';

const NEAR_LIMIT = 0.9;
const STARS = [1, 2, 3, 4, 5];

export function headerView(panel: ChatPanel) {
  const { texts, chat, name } = panel;
  const { state } = chat.status;
  const shown = chat.conversation.ended ? '' : texts.states[state === 'expired' ? 'online' : state];
  return html`<header>
    <span class="mark" aria-hidden="true">${name.slice(0, 1)}</span>
    <div>
      <h1>${name}</h1>
      <p class="state" data-state=${state} role="status">${shown}</p>
    </div>
    <button
      type="button"
      class="round"
      aria-haspopup="true"
      aria-expanded=${panel.menuOpen}
      aria-label=${texts.panel.menu}
      @click=${() => panel.toggle()}
    >
      ${icon(DOTS)}
    </button>
    <button type="button" class="round minimise" aria-label=${texts.panel.minimise} @click=${() => panel.host.minimise()}>${icon(DOWN)}</button>
    ${panel.menuOpen ? menuView(panel) : nothing}
  </header>`;
}

function menuView(panel: ChatPanel) {
  const { texts, chat } = panel;
  const { ended, asked } = chat.conversation;
  return html`<div class="menu">
    ${!ended && asked ? html`<button type="button" @click=${() => panel.close(true)}>${texts.panel.end}</button>` : nothing}
    <button type="button" @click=${() => panel.fresh()}>${texts.panel.fresh}</button>
    <button type="button" @click=${() => panel.download()}>${texts.panel.download}</button>
  </div>`;
}

/** The way back to the end, for who has gone up to read. */
export function newestView(panel: ChatPanel) {
  return html`<button type="button" class="round newest" aria-label=${panel.texts.panel.newest} @click=${() => panel.newest()}>${icon(TO_END)}</button>`;
}

export function writingView(panel: ChatPanel) {
  const { texts, chat, name, view } = panel;
  const { conversation } = chat;
  const { writing, somebodyTyping } = conversation;
  const again = [...conversation.replies.values()].some((reply) => reply.attempt > 1);
  const text = writing ? fill(again ? texts.panel.again : texts.panel.typing, { name }) : '';
  const other = somebodyTyping ? fill(texts.panel.typing, { name: speaker(somebodyTyping, view) }) : '';
  const stop = html`<button type="button" class="stop" ?disabled=${panel.stopping} @click=${() => panel.stop()}>
    ${panel.stopping ? texts.panel.stopping : texts.panel.stop}
  </button>`;
  return html`<div class="writing" ?data-on=${Boolean(text || other)}>
    <span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>
    <p role="status">${text || other}</p>
    ${writing ? stop : nothing}
  </div>`;
}

/** A state worth telling, with the one thing to do about it; else the last small word. */
export function noticeView(panel: ChatPanel) {
  const { texts, chat, toast } = panel;
  const { state, wait = 0 } = chat.status;
  const known = state in texts.notices ? texts.notices[state as keyof typeof texts.notices] : '';
  const [before, after] = chat.conversation.ended ? ['', ''] : known.split('{wait}');
  const act = { reconnecting: 'now', refused: 'now', unavailable: 'now', unauthorized: 'reload' }[state as string] as 'now' | 'reload' | undefined;
  const press = () => (act === 'reload' ? location.reload() : chat.wake());
  return html`<div class="notice ${before ? 'told' : ''}" ?data-on=${Boolean(before || toast)}>
    <p><span role="status">${toast || before?.trimEnd()}</span>${before && wait && !toast ? html` <b aria-hidden="true">${countdown(panel, wait)}</b>${after}` : nothing}</p>
    ${before && act ? html`<button type="button" @click=${press}>${texts.acts[act]}</button>` : nothing}
  </div>`;
}

/** `em 5 seg.`. Its formatter takes long to make, so nobody waits for it who need not. */
function countdown({ chat, host }: ChatPanel, wait: number): string {
  const left = Math.max(0, Math.ceil((chat.statusSince + wait - Date.now()) / 1000));
  return new Intl.RelativeTimeFormat(host.locale, { style: 'short' }).format(left, 'second');
}

export function composerView(panel: ChatPanel) {
  const { texts, chat, text } = panel;
  const { ended, limit } = chat.conversation;
  if (ended)
    return html`<div class="ended">
      <p>${texts.panel.ended}</p>
      <button type="button" class="primary" @click=${() => panel.fresh()}>${texts.panel.fresh}</button>
    </div>`;
  const { length } = text.trim();
  const over = length - limit;
  const count = length <= limit * NEAR_LIMIT ? '' : fill(over > 0 ? texts.panel.over : texts.panel.counter, { count: over > 0 ? over : length, limit }, panel.host.locale);
  return html`<form class="composer" @submit=${(event: Event) => (event.preventDefault(), panel.send())}>
    <p class="counter ${over > 0 ? 'over' : ''}" role=${over > 0 ? 'alert' : nothing}>${count}</p>
    <div class="field" data-text=${`${text}\n`}>
      <textarea
        rows="1"
        aria-label=${texts.panel.ask}
        placeholder=${texts.panel.ask}
        enterkeyhint="send"
        autocomplete="off"
        .value=${live(text)}
        @input=${(event: Event) => panel.write((event.target as HTMLTextAreaElement).value)}
        @keydown=${(event: KeyboardEvent) => enter(event, panel)}
      ></textarea>
    </div>
    <button class="send primary" aria-label=${texts.panel.send} ?disabled=${!length || over > 0}>${icon(UP)}</button>
  </form>`;
}

/** Enter sends, Shift+Enter breaks the line, and a word still being composed (an IME's) is left alone. */
function enter(event: KeyboardEvent, panel: ChatPanel): void {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  panel.send();
}

export function closingView(panel: ChatPanel) {
  const { texts } = panel;
  const star = (value: number) => html`<label title=${value > 1 ? fill(texts.panel.star, { count: value }) : texts.panel.starOne}>
    <input
      type="radio"
      name="rating"
      value=${value}
      aria-label=${value > 1 ? fill(texts.panel.star, { count: value }) : texts.panel.starOne}
      .checked=${panel.rating === value}
      @change=${() => ((panel.rating = value), panel.requestUpdate())}
    /><span class=${value <= panel.rating ? 'lit' : ''} aria-hidden="true">★</span></label
  >`;
  const submit = (event: Event) => {
    event.preventDefault();
    panel.chat.end(panel.rating, (event.target as HTMLFormElement).querySelector('textarea')!.value.trim());
  };
  return html`<form class="closing" @submit=${submit}>
    <fieldset>
      <legend>${texts.panel.how}</legend>
      ${STARS.map(star)}
    </fieldset>
    <label class="comment">${texts.panel.comment}<textarea rows="2" maxlength="1000"></textarea></label>
    <button class="primary" ?disabled=${!panel.rating}>${texts.panel.rate}</button>
    <button type="button" @click=${() => panel.chat.end()}>${texts.panel.skip}</button>
    <button type="button" @click=${() => panel.close(false)}>${texts.panel.back}</button>
  </form>`;
}
