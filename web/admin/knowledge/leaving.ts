// What has not been saved is not lost by going somewhere else without being asked.

import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { confirmed } from '../parts';
import { t } from '../texts';

/** Asks before the page is left, by a link, the browser's buttons or the tab's cross, while `unsaved` says so. */
export class Leaving implements ReactiveController {
  private leaving = false;

  constructor(
    host: ReactiveControllerHost,
    private readonly unsaved: () => boolean,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    addEventListener('beforeunload', this.unload);
    addEventListener('leaving', this.move);
  }

  hostDisconnected(): void {
    removeEventListener('beforeunload', this.unload);
    removeEventListener('leaving', this.move);
  }

  private readonly unload = (event: BeforeUnloadEvent): void => {
    if (this.unsaved()) event.preventDefault();
  };

  private readonly move = (event: Event): void => {
    if (this.leaving || !this.unsaved()) return;
    event.preventDefault();
    const { oldURL, newURL } = (event as CustomEvent<HashChangeEvent>).detail;
    history.replaceState(null, '', oldURL);
    void this.ask(new URL(newURL).hash);
  };

  private async ask(hash: string): Promise<void> {
    this.leaving = await confirmed(t('knowledge.askLeave'));
    if (this.leaving) location.hash = hash;
  }
}
