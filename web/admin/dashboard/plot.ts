// What a chart shows, before it is drawn.

export interface Line {
  label: string;
  values: (number | null)[];
  colour: 1 | 2 | 3 | 4 | 5; // of the stylesheet's --chart-…
  kind: 'line' | 'bars';
}

/** `stacked`: each bar stands on those before it. `about`: what somebody is told who cannot see it. */
export interface Plot {
  days: string[];
  lines: Line[];
  show: (value: number) => string;
  stacked?: boolean;
  range?: [number, number];
  about: string;
}

/** Each line's values upon those of the lines before it. */
export function stacked(lines: Line[]): Line[] {
  let below: number[] = [];
  return lines.map((line) => {
    below = line.values.map((value, place) => (value ?? 0) + (below[place] ?? 0));
    return { ...line, values: below };
  });
}
