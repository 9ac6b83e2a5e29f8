// Notifications as the API takes and tells them.

import { t } from '../texts';

export type Level = 'info' | 'success' | 'warning';
export const LEVELS: Level[] = ['info', 'success', 'warning'];
export const KINDS = { info: 'plain', success: 'good', warning: 'warn' } as const; // of the badges that say them

export interface Audience {
  userId?: string;
  userType?: string;
  everyone?: boolean;
}

export interface NewNotification {
  audience: Audience;
  title: string;
  body: string;
  url?: string;
  level: Level;
}

export interface Sent extends NewNotification {
  notificationId: string;
  at: string;
  who: string;
  state: 'sending' | 'sent';
  delivered: number;
  failed: number;
  stored: boolean;
}

export function whom({ userId, userType }: Audience): string {
  return userId ? t('notifications.user', { user: userId }) : t(userType ? `notifications.all_${userType}` : 'notifications.everyone');
}

export function reached({ state, delivered, failed }: Sent): string {
  return t(state === 'sending' ? 'notifications.sendingTo' : 'notifications.sentTo', { delivered, failed });
}

/** What the form says. */
export function written(form: HTMLFormElement): NewNotification {
  const given = new FormData(form);
  const text = (name: string) => String(given.get(name) ?? '').trim();
  const to = text('audience');
  const audience = to === 'everyone' ? { everyone: true } : to === 'user' ? { userId: text('userId') } : { userType: to };
  const url = text('url');
  return { audience, title: text('title'), body: text('body'), level: text('level') as Level, ...(url && { url }) };
}
