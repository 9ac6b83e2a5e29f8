// The window in the dark: as the host says, else as the person's system is.

import { css } from 'lit';

const DARK = css`
  --back: #141c1b; --soft: #1e2827; --line: #35433f; --ink: #e5ecea; --quiet: #a3b0ad; --brand: var(--chat-brand-dark, #62c9b4);
  --on-brand: var(--chat-on-brand-dark, #06211c); --tint: #17453d; --on-tint: #dff5ef; --warn: #f3c283; --warn-soft: #352712; --star: #f0b13c;
  --head: var(--chat-head-dark, #12352f); --on-head: #e9f5f2;
  color-scheme: dark;
`;

export const themes = css`
  @media (prefers-color-scheme: dark) {
    :host(:not([theme='light'])) { ${DARK} }
  }
  :host([theme='dark']) { ${DARK} }
`;
