// The form of an entry: a control for each field, its errors beside it.

import { html, nothing, type TemplateResult } from 'lit';
import type { FieldError } from '../api';
import { field } from '../parts';
import { t } from '../texts';
import { AUDIENCES, CATEGORIES, type Draft, type Link, LOCALES, type Name } from './entry';
import { wrongWith } from './faults';

/** `base`: what `draft` was made from. */
export interface Form {
  base: Draft;
  draft: Draft;
  errors: FieldError[];
  set: <N extends Name>(name: N, value: Draft[N]) => void;
}

type Texts = 'title' | 'content' | 'price' | 'providers' | 'url';
type Lists = 'questions' | 'keywords' | 'related' | 'followUps' | 'steps';
type Choices = 'category' | 'audience' | 'locale';

export function fields(form: Form): TemplateResult {
  const { base, draft } = form; // what is open when it comes stays open while it is emptied
  const facts = base.price || base.providers || base.url || base.steps.length || base.links.length;
  const next = base.related.length || base.followUps.length;
  return html`
    <div class="row">${choice(form, 'category', CATEGORIES)}${choice(form, 'audience', AUDIENCES)}${choice(form, 'locale', LOCALES)}</div>
    ${field(t('knowledge.title'), line(form, 'title', 200, true), wrong(form, 'title'))}
    ${field(t('knowledge.content'), area(form, 'content', draft.content, 12, (text) => text, true), wrong(form, 'content'), t('knowledge.hintContent'))}
    ${list(form, 'questions', 6)} ${list(form, 'keywords', 3)}
    <details ?open=${Boolean(facts)}>
      <summary>${t('knowledge.facts')}</summary>
      ${(['price', 'providers', 'url'] as const).map((name) => field(t(`knowledge.${name}`), line(form, name, 500), wrong(form, name), hint(name)))}
      ${list(form, 'steps', 4)} ${links(form)}
    </details>
    <details ?open=${Boolean(next)}>
      <summary>${t('knowledge.next')}</summary>
      ${list(form, 'followUps', 3)} ${list(form, 'related', 3)}
    </details>`;
}

function wrong(form: Form, name: Name): string {
  return wrongWith(name, form.errors);
}

function hint(name: Name): string {
  return name === 'url' ? t('knowledge.hintUrl') : '';
}

function invalid(form: Form, name: Name): 'true' | 'false' {
  return wrong(form, name) ? 'true' : 'false';
}

function choice(form: Form, name: Choices, values: string[]): TemplateResult {
  const pick = (event: Event) => form.set(name, (event.target as HTMLSelectElement).value);
  const options = values.map((one) => html`<option value=${one} .selected=${form.draft[name] === one}>${t(`knowledge.${name}_${one}`)}</option>`);
  return field(t(`knowledge.${name}`), html`<select name=${name} @change=${pick}>${options}</select>`, wrong(form, name));
}

function line(form: Form, name: Texts, longest: number, required = false): TemplateResult {
  const write = (event: Event) => form.set(name, (event.target as HTMLInputElement).value);
  return html`<input name=${name} maxlength=${longest} ?required=${required} aria-invalid=${invalid(form, name)} .value=${form.draft[name]} @input=${write} />`;
}

function area<N extends 'content' | Lists>(form: Form, name: N, text: string, rows: number, read: (text: string) => Draft[N], required = false): TemplateResult {
  const write = (event: Event) => form.set(name, read((event.target as HTMLTextAreaElement).value));
  return html`<textarea name=${name} rows=${rows} ?required=${required} aria-invalid=${invalid(form, name)} .value=${text} @input=${write}></textarea>`;
}

/** A list as lines; empty ones stay while it is written (`tidied` takes them away). */
function list(form: Form, name: Lists, rows: number): TemplateResult {
  const control = area(form, name, form.draft[name].join('\n'), rows, (text) => text.split('\n'));
  return field(t(`knowledge.${name}`), control, wrong(form, name), t(`knowledge.hint_${name}`));
}

function links(form: Form): TemplateResult {
  const put = (changed: Link[]) => form.set('links', changed);
  const part = (at: number, name: keyof Link) => (event: Event) =>
    put(form.draft.links.map((one, place) => (place === at ? { ...one, [name]: (event.target as HTMLInputElement).value } : one)));
  const row = (one: Link, at: number) => html`<li class="row">
    ${field(t('knowledge.linkLabel'), html`<input maxlength="200" .value=${one.label} @input=${part(at, 'label')} />`)}
    ${field(t('knowledge.linkUrl'), html`<input maxlength="500" .value=${one.url} @input=${part(at, 'url')} />`)}
    <button type="button" class="second" aria-label=${t('knowledge.removeLink', { label: one.label || at + 1 })}
      @click=${() => put(form.draft.links.filter((_, place) => place !== at))}>×</button>
  </li>`;
  const fault = wrong(form, 'links');
  return html`<fieldset class="links">
    <legend>${t('knowledge.links')}</legend>
    <ul class="plain">${form.draft.links.map(row)}</ul>
    ${fault ? html`<em role="alert">${fault}</em>` : nothing}
    <button type="button" class="second" @click=${() => put([...form.draft.links, { label: '', url: '' }])}>${t('knowledge.addLink')}</button>
  </fieldset>`;
}
