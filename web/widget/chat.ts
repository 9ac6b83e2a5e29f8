// What a person can do in the conversation, wired to the connection and to what the browser keeps.

import type { MessageFrame } from '../shared/protocol';
import { Connection, type Status } from './connection';
import { Conversation } from './conversation';
import { PAGE } from './drawn';
import type { Host } from './host';
import { settle, subjectOf } from './identity';
import * as memory from './memory';
import { Outbox, newId } from './outbox';
import { context, onNavigation } from './page';
import { texts } from './texts';
import { Typing } from './typing';

export class Chat {
  status: Status = { state: 'connecting' };
  statusSince = 0;
  attended = false;
  private readonly outbox = new Outbox(memory.unsent);
  private readonly connection: Connection;
  readonly conversation: Conversation;
  private readonly typing = new Typing((isTyping) => this.connection.post('typing', { isTyping }));
  private offerDue = true;
  private endDue = false;
  private wholeHistory: (() => void) | undefined;

  constructor(
    private readonly host: Host,
    private readonly changed: () => void,
    private readonly said: (words: string) => void,
  ) {
    this.conversation = new Conversation(() => this.follow(), () => this.attended || this.host.missed());
    this.connection = new Connection({
      url: host.socketUrl,
      token: memory.resumeToken,
      outbox: this.outbox,
      attended: () => this.attended && !document.hidden,
      expecting: () => this.conversation.writing,
      hello: (again) => this.hello(again),
      onFrame: (frame) => {
        this.conversation.take(frame);
        if (frame.type === 'session') this.offer();
        if (frame.type === 'error' && !('clientMessageId' in frame)) this.said(frame.message || texts.notices.error);
      },
      onStatus: (status) => this.show(status),
    });
    onNavigation(() => this.connection.post('updateContext', { context: this.context }));
  }

  /** What was still on its way when this page was loaded. */
  restore(): void {
    for (const { clientMessageId, content } of this.outbox.all) this.conversation.sending(clientMessageId, content);
  }

  open(): void {
    this.attended = true;
    this.connection.open();
    this.connection.wake();
  }

  wake(): void {
    this.connection.open();
    this.connection.wake();
  }

  /** False when there is nothing to send, or too much. */
  say(text: string): boolean {
    const content = text.trim();
    if (!content || content.length > this.conversation.limit || this.conversation.ended) return false;
    const clientMessageId = newId();
    this.conversation.sending(clientMessageId, content);
    this.connection.send({ clientMessageId, content });
    return true;
  }

  /** Who answers for the team sees that the person writes; the assistant need not. */
  writes(text: string): void {
    if (this.conversation.held) this.typing.wrote(text);
  }

  again(message: MessageFrame): void {
    const { clientMessageId = newId(), content } = message;
    this.conversation.sending(clientMessageId, content);
    this.connection.send({ clientMessageId, content });
  }

  stop(): boolean {
    const messageId = this.conversation.stoppable;
    return messageId !== undefined && this.connection.post('cancelReply', { messageId });
  }

  older(): void {
    const before = this.conversation.oldest?.messageId;
    if (before) this.connection.post('loadHistory', { before, limit: PAGE });
  }

  /** Every message, fetched where it is not here yet. */
  async whole(): Promise<void> {
    while (this.conversation.more) {
      const known = this.conversation.oldest?.messageId;
      this.older();
      await new Promise<void>((resolve) => {
        this.wholeHistory = resolve;
        setTimeout(resolve, 5000);
      });
      if (this.conversation.oldest?.messageId === known) return;
    }
  }

  helpful(messageId: string, helpful: boolean): void {
    this.connection.post('giveFeedback', { messageId, helpful });
  }

  followed(kind: 'link' | 'button', target: string, messageId: string): void {
    this.connection.post('trackAction', { kind, target: target.slice(0, 2048), ...(messageId && { messageId }) });
  }

  end(rating = 0, comment = ''): void {
    this.endDue = rating > 0;
    if (!rating) this.connection.post('endSession', {});
    else if (!this.connection.post('rateSession', { rating, comment })) this.endDue = false;
  }

  fresh(): void {
    this.outbox.clear();
    this.conversation.entries = [];
    this.conversation.reset();
    this.connection.restart();
    this.changed();
  }

  signOut(): void {
    this.connection.stop();
    this.outbox.clear();
    this.conversation.entries = [];
    this.conversation.reset();
    this.changed();
  }

  private get context() {
    return context(this.host.locale, this.host.errorStatus);
  }

  private async hello(again: boolean) {
    const identityToken = await this.host.identityToken(again);
    const subject = subjectOf(identityToken);
    if (settle(subject)) {
      this.outbox.clear();
      this.conversation.entries = [];
      this.conversation.reset();
      memory.open.set('1');
    }
    return { locale: this.host.locale, context: this.context, ...(identityToken && { identityToken }) };
  }

  /** A conversation that was going on when its page failed is offered help; a new one is greeted with it. */
  private offer(): void {
    if (this.offerDue && this.host.errorStatus) this.connection.post('updateContext', { context: this.context });
    this.offerDue = false;
  }

  private follow(): void {
    this.wholeHistory?.();
    if (this.endDue && this.conversation.rated) {
      this.endDue = false;
      this.said(texts.panel.rated);
      this.connection.post('endSession', {});
    }
    if (this.conversation.ended) {
      this.connection.stop();
      this.outbox.clear();
    }
    this.changed();
  }

  private show(status: Status): void {
    if (status.state === 'expired') this.said(texts.notices.expired);
    this.status = status.state === 'expired' ? { state: 'online' } : status;
    this.statusSince = Date.now();
    this.changed();
  }
}
