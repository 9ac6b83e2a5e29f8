import { afterEach, expect, test, vi } from 'vitest';
import { settle, subjectOf } from '../widget/identity';
import * as memory from '../widget/memory';
import { Outbox, newId } from '../widget/outbox';

afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
  sessionStorage.clear();
});

test('logging out clears all of ours and nothing of the site', () => {
  localStorage.setItem('site', 'theirs');
  memory.resumeToken.set('t');
  memory.draft.set('d');
  memory.clear();
  expect([memory.resumeToken.get(), memory.draft.get(), localStorage.getItem('site')]).toEqual(['', '', 'theirs']);
});

test('a visitor who signs in keeps the conversation; the next person does not', () => {
  memory.resumeToken.set('t');
  expect(settle('')).toBe(false);
  expect(settle('ana')).toBe(false);
  expect(memory.resumeToken.get()).toBe('t');
  expect(settle('bruno')).toBe(true);
  expect(memory.resumeToken.get()).toBe('');
  expect(settle('')).toBe(true);
});

test('where storage is refused the page load remembers', () => {
  vi.stubGlobal('localStorage', undefined);
  memory.resumeToken.set('t');
  expect(memory.resumeToken.get()).toBe('t');
  memory.clear();
  expect(memory.resumeToken.get()).toBe('');
});

test('the subject of a token, and of what is none', () => {
  const token = ['h', btoa(JSON.stringify({ sub: 'ana' })).replace(/=+$/, ''), 's'].join('.');
  expect(subjectOf(token)).toBe('ana');
  expect(['', 'x', 'a.b.c'].map(subjectOf)).toEqual(['', '', '']);
});

test('what is unsent outlives a reload under the same id, and is there once', () => {
  const message = { clientMessageId: newId(), content: 'oi' };
  const outbox = new Outbox(memory.unsent);
  outbox.add(message);
  outbox.add(message);
  expect(new Outbox(memory.unsent).all).toEqual([message]);
  outbox.remove(message.clientMessageId);
  expect(new Outbox(memory.unsent).first).toBeUndefined();
  sessionStorage.setItem('chat-assistente.unsent', '{broken');
  expect(new Outbox(memory.unsent).all).toEqual([]);
});

test('ids are UUIDs, with randomUUID or without', () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(newId()).toMatch(uuid);
  vi.stubGlobal('crypto', { getRandomValues: (bytes: Uint8Array) => bytes.fill(7) });
  expect(newId()).toMatch(uuid);
});
