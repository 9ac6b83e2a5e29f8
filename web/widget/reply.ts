// A reply while it is being written: what has arrived, and how much of it is let out.

export class Reply {
  attempt = 1;
  stale = false; // the connection was lost: what comes next starts from the beginning
  replaced: string[] = []; // what was shown of attempts that failed
  shown = 0; // characters
  private parts: string[] = [];

  get text(): string {
    return this.parts.join('');
  }

  get visible(): string {
    return this.text.slice(0, this.shown);
  }

  begin(attempt: number): void {
    if (attempt <= this.attempt && !this.stale) return;
    if (attempt > this.attempt && this.visible) this.replaced.push(this.visible);
    if (attempt > this.attempt) this.shown = 0;
    this.parts = [];
    this.attempt = Math.max(attempt, this.attempt);
    this.stale = false;
  }

  add(index: number, text: string): void {
    this.parts[index] = text;
  }

  /** Let out some more, at a word's end, faster the more there is; true while there is more. */
  advance(atOnce: boolean): boolean {
    const { text } = this;
    if (this.shown >= text.length) return false;
    const step = this.shown + Math.ceil((text.length - this.shown) / 14);
    const word = text.slice(step).search(/\s/);
    this.shown = atOnce || word < 0 ? text.length : step + word + 1;
    return this.shown < text.length;
  }
}
