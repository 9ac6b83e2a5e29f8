// An entry as a person would read it in the chat.

import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { markdown, safeUrl } from '../../widget/markdown';
import { t } from '../texts';
import type { Draft } from './entry';

export function preview(draft: Draft): TemplateResult {
  const { content, price, steps, links, followUps } = draft;
  return html`<section class="preview" aria-label=${t('knowledge.preview')}>
    <h3>${t('knowledge.preview')}</h3>
    <div class="bubble">
      ${content.trim() ? guard([content], () => markdown(content)) : html`<p class="quiet">${t('knowledge.nothingYet')}</p>`}
      ${price ? html`<p><strong>${price}</strong></p>` : nothing}
      ${steps.some(Boolean) ? html`<ol>${steps.filter(Boolean).map((step) => html`<li>${step}</li>`)}</ol>` : nothing}
    </div>
    ${links.map(({ label, url }) => (safeUrl(url) ? html`<a class="chip" href=${safeUrl(url)!} target="_blank" rel="noopener noreferrer">${label || url}</a>` : nothing))}
    ${followUps.filter(Boolean).map((question) => html`<span class="chip">${question}</span>`)}
  </section>`;
}
