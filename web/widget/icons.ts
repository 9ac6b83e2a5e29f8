// The window's icons, each a path of a 24 by 24 drawing.

import { html, svg } from 'lit';

export const icon = (path: string) => html`<svg viewBox="0 0 24 24" aria-hidden="true">${svg`<path d=${path}></path>`}</svg>`;

export const DOTS = 'M12 5h.1M12 12h.1M12 19h.1';
export const DOWN = 'm6 9 6 6 6-6';
export const UP = 'M12 19V5M6 11l6-6 6 6';
export const TO_END = 'M12 5v14M6 13l6 6 6-6';
export const PHONE = 'M6 4h3l2 5-2 1.500a11 11 0 0 0 4.500 4.500L15 13l5 2v3a2 2 0 0 1-2 2A14 14 0 0 1 4 6a2 2 0 0 1 2-2Z';
export const BUBBLE = 'M12 4a8 8 0 0 0-6.800 12.200L4 20l3.800-1.200A8 8 0 1 0 12 4Z';
export const MAIL = 'M3 6h18v12H3zM3 7l9 6 9-6';
