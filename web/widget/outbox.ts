// Messages that are not accepted yet, oldest first. They outlive a reload, under the ids they were first sent with.

import type { Kept } from './memory';

export interface Unsent {
  clientMessageId: string;
  content: string;
}

export class Outbox {
  private messages: Unsent[];

  constructor(private readonly kept: Kept) {
    this.messages = parsed(kept.get());
  }

  get first(): Unsent | undefined {
    return this.messages[0];
  }

  get all(): readonly Unsent[] {
    return this.messages;
  }

  add(message: Unsent): void {
    this.replace([...this.messages.filter((one) => one.clientMessageId !== message.clientMessageId), message]);
  }

  remove(clientMessageId: string): void {
    if (this.messages.some((one) => one.clientMessageId === clientMessageId))
      this.replace(this.messages.filter((one) => one.clientMessageId !== clientMessageId));
  }

  clear(): void {
    this.replace([]);
  }

  private replace(messages: Unsent[]): void {
    this.messages = messages;
    this.kept.set(messages.length ? JSON.stringify(messages) : '');
  }
}

function parsed(text: string): Unsent[] {
  try {
    const found: unknown = JSON.parse(text || '[]');
    return Array.isArray(found) ? found.filter((one) => one?.clientMessageId && one.content) : [];
  } catch {
    return [];
  }
}

/** A UUID; `crypto.randomUUID` is missing over plain http on a LAN address. */
export function newId(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  return '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit) =>
    (Number(digit) ^ (crypto.getRandomValues(new Uint8Array(1))[0]! & (15 >> (Number(digit) / 4)))).toString(16),
  );
}
