import { readFile, readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { fill } from '../widget/locale';
import english from '../widget/texts/en.json';
import portuguese from '../widget/texts/pt-BR.json';
import { day } from '../widget/views';
import { texts } from '../widget/texts';

function places(texts: object): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [section, lines] of Object.entries(texts))
    for (const [name, text] of Object.entries(lines as Record<string, string>)) found[`${section}.${name}`] = (text.match(/\{\w+\}/g) ?? []).sort();
  return found;
}

test('both languages have the same texts with the same places', () => {
  expect(places(english)).toEqual(places(portuguese));
});

test('no text is left over', async () => {
  const files = (await readdir('widget')).filter((name) => name.endsWith('.ts'));
  const code = (await Promise.all(files.map((name) => readFile(`widget/${name}`, 'utf8')))).join('\n');
  const byState = ['states.', 'notices.', 'acts.']; // chosen by the connection's state
  const named = Object.keys(places(portuguese)).filter((name) => !byState.some((section) => name.startsWith(section)));
  expect(named.filter((name) => !new RegExp(`\\b${name.split('.')[1]}\\b`).test(code))).toEqual([]);
});

test('numbers are written as the language writes them', () => {
  expect(fill('{count} de {limit}', { count: 1999, limit: 2000 }, 'pt-BR')).toBe('1.999 de 2.000');
  expect(fill('{count} of {limit}', { count: 1999, limit: 2000 }, 'en')).toBe('1,999 of 2,000');
});

test('days are named as people name them', () => {
  const now = new Date(2026, 10, 22, 12);
  const named = (ago: number) => day(new Date(2026, 10, 22 - ago, 9).toISOString(), { texts, locale: 'pt-BR' }, now);
  expect([named(0), named(1), named(2)]).toEqual(['Hoje', 'Ontem', '20 de novembro de 2026']);
});
