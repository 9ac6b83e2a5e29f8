// A chart over days: uPlot on a canvas, in the page's colours and at its width, with a legend that tells the day pointed at.

import { html, LitElement, nothing, type PropertyValues, svg, type TemplateResult } from 'lit';
import uPlot from 'uplot';
import { type Line, type Plot, stacked } from './plot';
import { type Cell, cell } from './twin';

const HEIGHT = 190;
const DASHES = [[], [], [6, 4], [2, 3], [10, 3, 2, 3], [1, 5]]; // by colour, which not everybody tells apart
const bars = uPlot.paths.bars!({ size: [0.65, 36], radius: 0.12 });
const dark = matchMedia('(prefers-color-scheme: dark)');

export class Chart extends LitElement {
  static override properties = { plot: { attribute: false }, pointed: { state: true } };

  declare plot: Plot;
  declare private pointed: number | null | undefined;
  private drawn: uPlot | undefined;
  private readonly sized = new ResizeObserver(() => this.drawn?.setSize({ width: this.width, height: HEIGHT }));
  private readonly redraw = (): void => this.draw();

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.sized.observe(this);
    dark.addEventListener('change', this.redraw);
    if (this.hasUpdated) this.draw();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sized.disconnect();
    dark.removeEventListener('change', this.redraw);
    this.drawn?.destroy();
    this.drawn = undefined;
  }

  protected override render(): TemplateResult {
    const { days, lines, show, about } = this.plot;
    const at = this.pointed ?? undefined;
    const value = (line: Line): Cell => (at === undefined ? null : (line.values[at] ?? null));
    return html`<div class="plot" role="img" aria-label=${about}></div>
      <ul class="legend">
        ${lines.map((line) => html`<li>${swatch(line)} ${line.label}${at === undefined ? nothing : html` <b>${cell(value(line), show)}</b>`}</li>`)}
        ${at === undefined ? nothing : html`<li class="quiet">${days[at]}</li>`}
      </ul>`;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('plot')) this.draw();
  }

  private draw(): void {
    this.drawn?.destroy();
    this.drawn = new uPlot(this.options(), this.data(), this.querySelector<HTMLElement>('.plot')!);
  }

  private get width(): number {
    return Math.max(this.clientWidth, 120);
  }

  /** Stacked bars are drawn from the tallest to the lowest, one over the other. */
  private get order(): Line[] {
    return this.plot.stacked ? stacked(this.plot.lines).reverse() : this.plot.lines;
  }

  private data(): uPlot.AlignedData {
    return [this.plot.days.map((_, place) => place), ...this.order.map(({ values }) => values)];
  }

  private options(): uPlot.Options {
    const { days, show, range } = this.plot;
    const style = getComputedStyle(this);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const look = { stroke: colour('--muted'), font: `12px ${style.fontFamily}`, ticks: { show: false } };
    const grid = { stroke: colour('--line'), width: 1 };
    return {
      width: this.width,
      height: HEIGHT,
      padding: [12, 32, 0, 0], // so that the last day's name is whole
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: [-0.5, days.length - 0.5] },
        y: { range: (_, __, most) => range ?? [0, most ? most * 1.1 : 1] },
      },
      axes: [
        { ...look, grid: { show: false }, size: 30, space: 92, incrs: [1, 2, 3, 5, 7, 14, 28, 56], values: (_, ticks) => ticks.map((tick) => days[tick] ?? '') },
        { ...look, grid, size: (_, texts) => 16 + 7 * Math.max(0, ...(texts ?? []).map(({ length }) => length)), values: (_, ticks) => ticks.map(show) },
      ],
      series: [{}, ...this.order.map((line) => drawing(line, colour(`--chart-${line.colour}`)))],
      hooks: { setCursor: [({ cursor }) => (this.pointed = cursor.idx)] },
    };
  }
}

function drawing(line: Line, colour: string): uPlot.Series {
  if (line.kind === 'bars') return { stroke: colour, fill: colour, width: 0, paths: bars, points: { show: false } };
  return { stroke: colour, width: 2, dash: DASHES[line.colour]!, points: { size: 6, fill: colour, width: 0 } };
}

function swatch(line: Line): TemplateResult {
  const dash = DASHES[line.colour]!.join(' ');
  const mark = line.kind === 'bars' ? svg`<rect y="2" width="12" height="12" rx="2"/>` : svg`<path d="M0 8h22" stroke-dasharray=${dash}/>`;
  return html`<svg class="swatch chart-${line.colour}" viewBox="0 0 ${line.kind === 'bars' ? 12 : 22} 16" aria-hidden="true">${mark}</svg>`;
}
