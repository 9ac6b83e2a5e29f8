// What the assistant is told of the page the person is on.

import type { Context } from '../shared/protocol';

/** The status the page was served with; a host whose error pages are served with 200 says it by attribute. */
export function errorStatus(attribute: string | null): number | undefined {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  const served = location.href === entry?.name ? (entry.responseStatus ?? 0) : 0; // not of a page navigated to within
  const status = Number(attribute) || served;
  return status >= 400 && status < 600 ? status : undefined;
}

export function context(locale: string, status: number | undefined): Context {
  return {
    url: location.href.slice(0, 2048),
    title: document.title.replace(/^\(\d+\+?\) /, '').slice(0, 500),
    referrer: document.referrer.slice(0, 2048),
    locale,
    ...(status && { errorStatus: status }),
  };
}

/** Tell of every change of address, single-page navigation too, without touching the host's history functions. */
export function onNavigation(act: () => void): void {
  let seen = location.href;
  const look = () => {
    if (location.href === seen) return;
    seen = location.href;
    setTimeout(act); // after the host has set its title
  };
  const { navigation } = window as { navigation?: EventTarget };
  if (navigation) navigation.addEventListener('currententrychange', look);
  else setInterval(look, 1000);
  addEventListener('popstate', look);
}
