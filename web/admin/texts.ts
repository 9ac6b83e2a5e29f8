// The console's words, and how times, numbers and money are written. Each page has a file of its own in each language.

import { fill, type Locale, localeOf } from '../widget/locale';

const FILES = import.meta.glob<Record<string, string>>('./texts/*/*.json', { eager: true, import: 'default' });
const CHOICE = 'console-locale';

export const locale: Locale = localeOf(localStorage.getItem(CHOICE) ?? navigator.language);

document.documentElement.lang = locale; // before what is shared with the widget looks for its language

export function choose(wanted: Locale): void {
  localStorage.setItem(CHOICE, wanted);
  location.reload();
}

/** `t('knowledge.title')`: the text `title` of the file `knowledge`. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  const [file = '', name = ''] = key.split('.');
  return fill(FILES[`./texts/${locale}/${file}.json`]?.[name] ?? key, values, locale);
}

type When = string | number;

export const day = (at: When): string => new Date(at).toLocaleDateString(locale, { day: '2-digit', month: 'short', year: 'numeric' });
export const time = (at: When): string => new Date(at).toLocaleString(locale, { day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit' });
export const number = (value: number, digits = 0): string => value.toLocaleString(locale, { maximumFractionDigits: digits });
export const percent = (part: number): string => part.toLocaleString(locale, { style: 'percent', maximumFractionDigits: 1 });
export const seconds = (ms: number): string => `${number(ms / 1000, ms < 10_000 ? 2 : 0)} s`;
export const money = (usd: number): string => usd.toLocaleString(locale, { style: 'currency', currency: 'USD', maximumFractionDigits: usd < 1 ? 3 : 2 });
