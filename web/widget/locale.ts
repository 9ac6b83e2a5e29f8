// Which language, and how its times and numbers are written.

export type Locale = 'pt-BR' | 'en';

export function localeOf(asked: string | null): Locale {
  return /^pt/i.test(asked || document.documentElement.lang || navigator.language) ? 'pt-BR' : 'en';
}

/** `fill('{count} de {limit}', {count: 1, limit: 2})`; numbers are written as the locale writes them. */
export function fill(text: string, values: Record<string, string | number>, locale?: Locale): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? value.toLocaleString(locale) : (value ?? whole);
  });
}
