import { expect, test } from 'vitest';
import { asText, BLANK, different, disputed, draftOf, type Entry, merged, tidied } from '../admin/knowledge/entry';

const base = { ...BLANK, title: 'Horário', content: 'Das 8h às 20h.', questions: ['que horas abre?', ' com\nduas linhas '], price: 'R$ 1' };

test('a draft has all that came, known here or not, but what the product adds', () => {
  const entry = { ...base, later: 7, id: 'x', version: 3, createdAt: null, updatedAt: null, updatedBy: 'seed' } as Entry;
  expect(draftOf(entry)).toEqual({ ...base, later: 7 });
});

test('lists lose their empty lines when they were touched, and are left as they were otherwise', () => {
  const draft = { ...base, keywords: ['', ' hora '], links: [{ label: ' Ver ', url: '/x ' }, { label: '', url: '' }] };
  expect(tidied(draft, base)).toEqual({ ...base, keywords: ['hora'], links: [{ label: 'Ver', url: '/x' }] });
  expect(tidied(draft, base).questions).toBe(base.questions);
});

test('of two changes one keeps what one changed and takes the rest', () => {
  const mine = { ...base, title: 'Nosso horário', price: 'R$ 2' };
  const theirs = { ...base, content: 'Das 9h às 18h.', price: 'R$ 3' };
  expect(merged(base, mine, theirs)).toEqual({ ...base, title: 'Nosso horário', content: 'Das 9h às 18h.', price: 'R$ 2' });
  expect(disputed(base, mine, theirs)).toEqual(['price']);
  expect(different(mine, base)).toEqual(['title', 'price']);
});

test('links read as label and address', () => {
  expect(asText([{ label: 'Ver', url: '/x' }])).toBe('Ver | /x');
});
