// Where the conversation is scrolled to: it follows what is new unless the person has gone up to read.

const NEAR = 80; // pixels from the end that still count as there
const SETTLED = 1500; // milliseconds for what was put in front to get its height

export class Scroller {
  following = true;
  private begun: Element | undefined; // the long answer whose first words have been shown
  private anchor: { part: Element; top: number; until: number } | undefined;

  /** `changed` is told when following begins or ends. */
  constructor(
    private readonly find: () => Element | null,
    private readonly changed: () => void,
  ) {}

  readonly seen = (): void => {
    const place = this.find();
    if (!place) return;
    const before = this.following;
    this.following = place.scrollHeight - place.scrollTop - place.clientHeight < NEAR;
    if (this.following !== before) this.changed();
  };

  toEnd(): void {
    this.following = true;
    this.anchor = undefined;
  }

  /** The very end, at once. */
  bottom(): void {
    const place = this.find();
    this.toEnd();
    if (place) place.scrollTop = place.scrollHeight;
    this.changed();
  }

  /** What is put in front must not move what is being read. */
  keep(): void {
    const top = this.find()?.getBoundingClientRect().top ?? 0;
    const part = [...(this.find()?.querySelectorAll('article') ?? [])].find((one) => one.getBoundingClientRect().bottom > top);
    if (!part) return;
    this.following = false;
    this.anchor = { part, top: part.getBoundingClientRect().top, until: performance.now() + SETTLED };
  }

  after(): void {
    const place = this.find();
    if (!place) return;
    if (this.anchor && this.anchor.until > performance.now()) {
      place.scrollTop += this.anchor.part.getBoundingClientRect().top - this.anchor.top;
      this.following = false;
    } else if (this.following) this.toNewest(place);
  }

  /** The end; but of an answer longer than the window first its first words, once: they may be a number to call. */
  private toNewest(place: Element): void {
    const newest = place.querySelector('.log')?.lastElementChild as HTMLElement | null | undefined;
    place.scrollTop = place.scrollHeight;
    if (!newest || newest === this.begun || place.querySelector('.live article')) return;
    if (!newest.matches('.assistant') || newest.offsetHeight <= place.clientHeight) return;
    this.begun = newest;
    newest.scrollIntoView({ block: 'start' });
    this.following = false;
    this.changed();
  }
}
