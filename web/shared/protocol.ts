// The frames of the socket, from protocol.json: run `make docs` and `npm run types` after a change.

export type Incoming =
  | StartSession
  | SendMessage
  | UpdateContext
  | Typing
  | GiveFeedback
  | RateSession
  | TrackAction
  | LoadHistory
  | CancelReply
  | EndSession
  | Ping;
export type Outgoing =
  | MessageFrame
  | SessionFrame
  | Accepted
  | ReplyStarted
  | ReplyDelta
  | TypingFrame
  | Notification
  | History
  | FeedbackSaved
  | RatingSaved
  | SessionEnded
  | Pong
  | Error;

export interface StartSession {
  action: 'startSession';
  resumeToken?: string | null;
  identityToken?: string | null;
  locale?: string | null;
  context?: Context;
  operatorToken?: string | null;
  watch?: string | null;
  lastSeq?: number | null;
}
/**
 * The page a browser is on, as it says; what a frame's `context` holds.
 */
export interface Context {
  url?: string;
  title?: string | null;
  referrer?: string | null;
  errorStatus?: number | null;
  locale?: string | null;
}
export interface SendMessage {
  action: 'sendMessage';
  clientMessageId: string;
  content: string;
  context?: Context;
}
export interface UpdateContext {
  action: 'updateContext';
  context: Context;
}
export interface Typing {
  action: 'typing';
  isTyping: boolean;
}
export interface GiveFeedback {
  action: 'giveFeedback';
  messageId: string;
  helpful: boolean;
}
export interface RateSession {
  action: 'rateSession';
  rating: number;
  comment?: string;
}
export interface TrackAction {
  action: 'trackAction';
  kind: 'button' | 'link' | 'service';
  target: string;
  messageId?: string | null;
}
export interface LoadHistory {
  action: 'loadHistory';
  before: string;
  limit?: number;
}
export interface CancelReply {
  action: 'cancelReply';
  messageId: string;
}
export interface EndSession {
  action: 'endSession';
}
export interface Ping {
  action: 'ping';
  nonce?: string | number | null;
}
/**
 * A whole stored message, as `message` or inside `session` and `history`.
 */
export interface MessageFrame {
  type: 'message';
  messageId: string;
  seq: number;
  sender: 'assistant' | 'operator' | 'system' | 'user';
  content: string;
  inReplyTo?: string;
  clientMessageId?: string;
  notice?: string;
  actions?: Action[];
  sources?: Source[];
  suggestions?: string[];
  finish?: 'cancelled' | 'complete' | 'fallback' | 'truncated';
  cached?: boolean;
  escalated?: boolean;
  contact?: Contact;
  at: string;
}
export interface Action {
  label: string;
  url: string;
}
export interface Source {
  entryId: string;
  version: number;
  title: string;
  url?: string;
}
export interface Contact {
  email: string;
  phone: string;
  whatsapp: string;
  hours: string;
}
export interface SessionFrame {
  type: 'session';
  sessionId: string;
  resumeToken: string;
  resumed: boolean;
  assistantName: string;
  userType: string;
  locale: string;
  history: MessageFrame[];
  more: boolean;
  limits: Limits;
  expiresAt: string;
  at: string;
}
/**
 * The numbers a browser must respect.
 */
export interface Limits {
  maxMessageLength: number;
  maxFrameBytes: number;
  messagesPerMinute: number;
  burst: number;
}
export interface Accepted {
  type: 'accepted';
  clientMessageId: string;
  messageId: string;
  seq: number;
  duplicate: boolean;
  at: string;
}
export interface ReplyStarted {
  type: 'replyStarted';
  messageId: string;
  inReplyTo: string;
  clientMessageId: string;
  attempt: number;
  at: string;
}
export interface ReplyDelta {
  type: 'replyDelta';
  messageId: string;
  index: number;
  text: string;
  at: string;
}
export interface TypingFrame {
  type: 'typing';
  isTyping: boolean;
  sender: 'assistant' | 'operator' | 'system' | 'user';
  at: string;
}
/**
 * Something for many people, outside any conversation; it may come twice, with the same id.
 */
export interface Notification {
  type: 'notification';
  notificationId: string;
  title: string;
  body: string;
  level: 'info' | 'success' | 'warning';
  url?: string;
  at: string;
}
export interface History {
  type: 'history';
  messages: MessageFrame[];
  more: boolean;
  at: string;
}
export interface FeedbackSaved {
  type: 'feedbackSaved';
  messageId: string;
  helpful: boolean;
  at: string;
}
export interface RatingSaved {
  type: 'ratingSaved';
  rating: number;
  at: string;
}
export interface SessionEnded {
  type: 'sessionEnded';
  sessionId: string;
  at: string;
}
export interface Pong {
  type: 'pong';
  nonce?: string | number;
  at: string;
}
export interface Error {
  type: 'error';
  code: string;
  message: string;
  retryAfter?: number;
  clientMessageId?: string;
  fields?: string[];
  at: string;
}
