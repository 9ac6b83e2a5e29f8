// Conversations and hand-offs as the API tells them. Stored messages leave out what has no value.

import type { Contact, Source } from '../../shared/protocol';

export interface Conversation {
  sessionId: string;
  user: string;
  userType: string;
  name: string;
  locale: string;
  status: 'active' | 'open' | 'expired' | 'closed';
  handoff: '' | 'waiting' | 'held' | 'released';
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  messages: number;
  byUser: number;
  byAssistant: number;
  byOperator: number;
  meanResponseMs: number | null;
  rating: number | null;
  comment: string;
  helpful: number;
  unhelpful: number;
  escalated: boolean;
  escalation: string;
  topics: string[];
  actions: number;
  costUsd: number;
}

export interface Retrieved {
  entry_id: string;
  version: number;
  score: number;
}

export interface Provenance {
  model: string;
  prompt_version: string;
  intent: string;
  retrieved?: Retrieved[];
  confidence?: number;
  answerable?: boolean;
  known?: boolean;
  follow_up?: boolean;
  attempt?: number;
  waited_ms?: number;
  timings?: Record<string, number>;
  failures?: string[];
  prompt_tokens?: number;
  reply_tokens?: number;
  cost_usd?: number;
  escalation?: string;
}

export interface Message {
  session_id: string;
  seq: number;
  message_id: string;
  sender: 'user' | 'assistant' | 'system' | 'operator';
  at: number;
  content?: string;
  kind?: string;
  in_reply_to?: string;
  page?: { url?: string; title?: string; errorStatus?: number };
  sources?: Source[];
  finish?: string;
  cached?: boolean;
  escalated?: boolean;
  contact?: Contact;
  provenance?: Provenance;
}

export interface Note {
  kind: 'feedback' | 'rating' | 'action';
  at: number;
  message_id?: string;
  helpful?: boolean;
  rating?: number;
  comment?: string;
  target?: string;
  target_kind?: string;
}

export interface Whole {
  conversation: Conversation;
  messages: Message[];
  notes: Note[];
}

/** What the knowledge of today has for a question; `version` null: nobody is answered from it; `score` null: not found. */
export interface Replay {
  entries: { entryId: string; title: string; version: number | null; score: number | null }[];
  confidence: number;
  answerable: boolean;
  followUp: boolean;
}

export interface Handoff {
  sessionId: string;
  at: string;
  reason: string;
  summary: string;
  userType: string;
  name: string;
  locale: string;
  contact: string;
  operator: string;
}

export interface Listed<T> {
  items: T[];
  nextCursor: string | null;
}
