// The conversation as a text file, for the person to keep.

import type { Conversation } from './conversation';
import { speaker, type View } from './views';

export function transcript(conversation: Conversation, view: Pick<View, 'texts' | 'name' | 'locale'>): string {
  return conversation.entries
    .flatMap(({ message }) => (message ? [message] : []))
    .map((message) => {
      const at = new Date(message.at).toLocaleString(view.locale, { dateStyle: 'short', timeStyle: 'short' });
      return [`[${at}] ${speaker(message.sender, view)}`.trimEnd(), message.content, ''].join('\n');
    })
    .join('\n');
}

export function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  const anchor = Object.assign(document.createElement('a'), { href: url, download: name });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
