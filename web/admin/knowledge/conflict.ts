// Somebody else changed the entry meanwhile: what they changed, beside what one has oneself.

import { html, type TemplateResult } from 'lit';
import { badge, table } from '../parts';
import { t, time } from '../texts';
import { asText, different, disputed, type Draft, draftOf, type Entry, type Name } from './entry';

export interface Meeting {
  base: Draft;
  mine: Draft;
  theirs: Entry;
}

export function conflict(meeting: Meeting, keepMine: () => void, takeTheirs: () => void): TemplateResult {
  const { base, mine, theirs } = meeting;
  const draft = draftOf(theirs);
  const both = disputed(base, mine, draft);
  const row = (name: Name) => [
    html`${t(`knowledge.${name}`)} ${both.includes(name) ? badge(t('knowledge.both'), 'warn') : ''}`,
    html`<div class="text">${asText(draft[name])}</div>`,
    html`<div class="text">${asText(mine[name])}</div>`,
  ];
  const told = { who: theirs.updatedBy, version: theirs.version, at: theirs.updatedAt ? time(theirs.updatedAt) : '' };
  return html`<section class="panel conflict" role="alert">
    <h3>${t('knowledge.changedMeanwhile')}</h3>
    <p>${t('knowledge.changedBy', told)}</p>
    ${table([t('knowledge.field'), t('knowledge.theirs'), t('knowledge.mine')], different(base, draft).map(row), t('knowledge.theirChanges'))}
    <p class="quiet">${t('knowledge.keepMineHint')}</p>
    <p class="actions">
      <button type="button" @click=${keepMine}>${t('knowledge.keepMine')}</button>
      <button type="button" class="second" @click=${takeTheirs}>${t('knowledge.takeTheirs')}</button>
    </p>
  </section>`;
}
