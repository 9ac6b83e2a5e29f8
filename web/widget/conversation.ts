// The conversation as it stands: frames go in, in any order and any number of times; what is to be shown comes out.

import type {
  Accepted,
  Error as ErrorFrame,
  FeedbackSaved,
  History,
  MessageFrame,
  Notification,
  ReplyDelta,
  ReplyStarted,
  SessionFrame,
  TypingFrame,
} from '../shared/protocol';
import type { Frame } from './connection';
import { Reply } from './reply';
import { Timers } from './timers';

const REPLY_WAIT = 65_000; // a reply takes 60 s at most; after that nobody is typing
const TYPING_WAIT = 10_000; // who goes on typing says so more often

/** One thing to show. Entries are replaced, never changed, so that what is the same is not drawn again. */
export interface Entry {
  key: string;
  seq: number; // Infinity while it has none
  at: string;
  message?: MessageFrame;
  notification?: Notification;
  status?: 'sending' | 'failed';
  reason?: string;
  helpful?: boolean;
  thanked?: boolean;
}

export class Conversation {
  sessionId = '';
  name = '';
  limit = 2000;
  more = false;
  ended = false;
  rated = false;
  entries: readonly Entry[] = [];
  somebodyTyping = '';
  readonly replies = new Map<string, Reply>();
  private readonly waiting = new Set<string>(); // questions accepted and not answered
  private readonly answered = new Set<string>(); // what answers them may overtake `accepted`
  private readonly timers = new Timers();

  /** `changed` is told after every change; `fresh` of every message that was not in a history. */
  constructor(
    private readonly changed: () => void,
    private readonly fresh: (message: MessageFrame) => void,
  ) {}

  get writing(): boolean {
    return this.waiting.size > 0 || this.replies.size > 0;
  }

  /** What to name when the reply is to stop: the reply, or the question that waits for one. */
  get stoppable(): string | undefined {
    return [...this.replies.keys(), ...this.waiting][0];
  }

  get asked(): boolean {
    return this.entries.some((entry) => entry.message?.sender === 'user');
  }

  /** Whether somebody of the team answers here instead of the assistant. */
  get held(): boolean {
    for (let place = this.entries.length; place--; ) {
      const { notice, sender } = this.entries[place]!.message ?? {};
      if (notice || sender === 'operator') return notice !== 'released' && notice !== 'closed';
    }
    return false;
  }

  get oldest(): MessageFrame | undefined {
    return this.entries.find((entry) => entry.message?.messageId)?.message;
  }

  get suggestions(): readonly string[] {
    if (this.writing || this.ended) return [];
    return this.entries[this.entries.length - 1]?.message?.suggestions ?? [];
  }

  take(frame: Frame): void {
    const act = (this.actions as Partial<Record<Frame['type'], (frame: never) => void>>)[frame.type];
    if (!act) return; // of a newer server
    act(frame as never);
    this.changed();
  }

  /** A message of whoever sits here that is on its way. */
  sending(clientMessageId: string, content: string, sender: MessageFrame['sender'] = 'user'): void {
    const at = new Date().toISOString();
    const message: MessageFrame = { type: 'message', messageId: '', seq: 0, sender, content, clientMessageId, at };
    this.place({ key: clientMessageId, seq: Infinity, at, message, status: 'sending' });
    this.changed();
  }

  reset(): void {
    this.sessionId = '';
    this.entries = this.entries.filter((entry) => entry.status);
    for (const kept of [this.replies, this.waiting, this.answered]) kept.clear();
    this.more = this.ended = this.rated = false;
    this.typing('');
  }

  private readonly actions = {
    session: (frame: SessionFrame) => {
      if (frame.sessionId !== this.sessionId) this.reset();
      this.sessionId = frame.sessionId;
      this.name = frame.assistantName || this.name;
      this.limit = frame.limits?.maxMessageLength || this.limit;
      for (const reply of this.replies.values()) reply.stale = true;
      if (frame.history.length) this.more = frame.more;
      for (const message of frame.history) this.put(message);
    },
    accepted: ({ clientMessageId, messageId, seq }: Accepted) => {
      const mine = this.entry(clientMessageId);
      if (mine?.message && mine.status) this.put({ ...mine.message, messageId, seq, at: mine.at });
      if (!this.held && !this.answered.has(messageId)) this.await(messageId);
    },
    replyStarted: ({ messageId, inReplyTo, attempt }: ReplyStarted) => {
      this.answer(inReplyTo);
      if (!this.entry(messageId)) this.reply(messageId).begin(attempt ?? 1);
    },
    replyDelta: ({ messageId, index, text }: ReplyDelta) => {
      if (!this.entry(messageId)) this.reply(messageId).add(index, text);
    },
    message: (message: MessageFrame) => {
      const known = this.entry(keyOf(message));
      this.put(message);
      if (!known && message.sender !== 'user') this.fresh(message);
    },
    history: ({ messages, more }: History) => {
      for (const message of messages) this.put(message);
      this.more = more && messages.length > 0;
    },
    typing: ({ isTyping, sender }: TypingFrame) => {
      this.typing(isTyping ? sender : '');
    },
    notification: (notification: Notification) => {
      const key = notification.notificationId;
      if (!this.entry(key)) this.place({ key, seq: this.lastSeq + 0.5, at: notification.at, notification });
    },
    feedbackSaved: ({ messageId, helpful }: FeedbackSaved) => {
      this.change(messageId, { helpful, thanked: true });
    },
    ratingSaved: () => {
      this.rated = true;
    },
    sessionEnded: () => {
      this.waiting.clear();
      this.replies.clear();
      this.ended = true;
    },
    error: ({ clientMessageId, message }: ErrorFrame) => {
      if (clientMessageId) this.change(clientMessageId, { status: 'failed', reason: message });
    },
  };

  private get lastSeq(): number {
    return Math.max(0, ...this.entries.map((entry) => entry.seq).filter(Number.isFinite));
  }

  private entry(key: string): Entry | undefined {
    return this.entries.find((entry) => entry.key === key);
  }

  private change(key: string, change: Partial<Entry>): void {
    this.entries = this.entries.map((entry) => (entry.key === key ? { ...entry, ...change } : entry));
  }

  private put(message: MessageFrame): void {
    const key = keyOf(message);
    this.replies.delete(message.messageId);
    this.answer(message.inReplyTo);
    if (message.sender === 'operator' || message.sender === 'system') this.waiting.clear();
    if (message.sender === this.somebodyTyping) this.typing('');
    const known = this.entry(key);
    const kept = known?.helpful === undefined ? {} : { helpful: known.helpful, thanked: true };
    this.place({ key, seq: message.seq, at: message.at, message, ...kept });
  }

  /** By seq; what has none yet stays last, in the order it was written. */
  private place(entry: Entry): void {
    const others = this.entries.filter((other) => other.key !== entry.key);
    let place = others.length;
    while (place > 0 && others[place - 1]!.seq > entry.seq) place -= 1;
    this.entries = [...others.slice(0, place), entry, ...others.slice(place)];
  }

  private reply(messageId: string): Reply {
    const known = this.replies.get(messageId) ?? new Reply();
    this.replies.set(messageId, known);
    return known;
  }

  private answer(question: string | undefined): void {
    if (!question) return;
    this.waiting.delete(question);
    this.answered.add(question);
  }

  private typing(sender: string): void {
    this.somebodyTyping = sender;
    this.timers.clear('typing');
    if (sender) this.timers.set('typing', TYPING_WAIT, () => (this.typing(''), this.changed()));
  }

  private await(messageId: string): void {
    this.waiting.add(messageId);
    setTimeout(() => this.waiting.delete(messageId) && this.changed(), REPLY_WAIT);
  }
}

/** A person's message keeps the name it was sent under, so that it stays the same one when it is stored. */
function keyOf(message: MessageFrame): string {
  return message.clientMessageId ?? message.messageId;
}
