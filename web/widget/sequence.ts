// The order of a conversation is `seq`: how far it is whole, and when something is missing.

export class Sequence {
  last = 0;
  private ahead = new Set<number>();
  private asked = -1;

  reset(): void {
    this.last = 0;
    this.asked = -1;
    this.ahead.clear();
  }

  /** A history that was sent whole: what it has, and all before it, needs no asking. */
  whole(seqs: number[]): void {
    this.last = Math.max(this.last, ...seqs);
    this.settle();
  }

  /** One message has come; true while something before it is missing. */
  note(seq: number): boolean {
    if (seq > this.last) this.ahead.add(seq);
    this.settle();
    return this.ahead.size > 0;
  }

  /** Whether to ask for what is missing. Asked for once: a place that stays empty holds nothing for us. */
  shouldAsk(): boolean {
    if (!this.ahead.size) return false;
    if (this.asked !== this.last) {
      this.asked = this.last;
      return true;
    }
    this.whole([...this.ahead]);
    return false;
  }

  private settle(): void {
    for (const seq of this.ahead) if (seq <= this.last) this.ahead.delete(seq);
    while (this.ahead.delete(this.last + 1)) this.last += 1;
  }
}
