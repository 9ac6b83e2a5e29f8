// What GET /analytics/summary and /analytics/daily answer, as far as it is shown; docs/analytics.md says what each means.

/** Milliseconds; null where there was nothing to count. */
export interface Times {
  p50: number | null;
  p95: number | null;
}

export interface Cards {
  sessions: number;
  messages: number;
  turns: number;
  turnsPerSession: number | null;
  response: Times;
  firstWords: Times;
  resolution: { rate: number | null; confirmed: number; assumed: number; unresolved: number; reopened: number; open: number };
  rating: number | null;
  ratings: Counts;
  helpful: number;
  unhelpful: number;
  helpfulRate: number | null;
  escalated: number;
  escalationRate: number | null;
  cacheHitRate: number | null;
  unknownRate: number | null;
  fallbackRate: number | null;
  promptTokens: number;
  replyTokens: number;
  costUsd: number;
}

export type Counts = Record<string, number>;

export interface Topic {
  entryId: string;
  title: string;
  sessions: number;
  turns: number;
  unresolved: number;
}

export interface Summary {
  from: string;
  to: string;
  timeZone: string;
  countedUntil: string | null;
  activeSessions: number;
  cards: Cards;
  previous: Cards;
  userTypes: { userType: string; cards: Cards }[];
  topics: Topic[];
  intents: Counts;
  escalations: Counts;
  hourOfWeek: { turns: number[][]; sessions: number[][] };
}

export interface Day {
  date: string;
  cards: Cards;
}
