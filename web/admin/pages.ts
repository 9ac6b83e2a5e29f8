// The pages, in the order of the menu; `needs` is the role below which a page is not shown.

import type { Role } from './page';
import { ConversationsPage } from './pages/conversations';
import { DashboardPage } from './pages/dashboard';
import { HandoffsPage } from './pages/handoffs';
import { ImportPage } from './pages/import';
import { KnowledgePage } from './pages/knowledge';
import { NotificationsPage } from './pages/notifications';
import { SearchPage } from './pages/search';
import { SettingsPage } from './pages/settings';
import { UnansweredPage } from './pages/unanswered';

export const PAGES: { name: string; element: CustomElementConstructor; needs: Role }[] = [
  { name: 'dashboard', element: DashboardPage, needs: 'viewer' },
  { name: 'conversations', element: ConversationsPage, needs: 'viewer' },
  { name: 'handoffs', element: HandoffsPage, needs: 'viewer' },
  { name: 'knowledge', element: KnowledgePage, needs: 'viewer' },
  { name: 'search', element: SearchPage, needs: 'viewer' },
  { name: 'unanswered', element: UnansweredPage, needs: 'viewer' },
  { name: 'import', element: ImportPage, needs: 'admin' },
  { name: 'notifications', element: NotificationsPage, needs: 'viewer' },
  { name: 'settings', element: SettingsPage, needs: 'viewer' },
];
