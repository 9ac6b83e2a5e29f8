// Where the conversation is scrolled to: it follows what is new unless the person has gone up to read.

const NEAR = 80; // pixels from the end that still count as there
const SETTLED = 1500; // milliseconds for what was put in front to get its height

export class Scroller {
  following = true;
  private anchor: { part: Element; top: number; until: number } | undefined;

  constructor(private readonly find: () => Element | null) {}

  readonly seen = (): void => {
    const place = this.find();
    if (place) this.following = place.scrollHeight - place.scrollTop - place.clientHeight < NEAR;
  };

  toEnd(): void {
    this.following = true;
    this.anchor = undefined;
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
    } else if (this.following) toNewest(place);
  }
}

/** The end; but of an answer longer than the window its first words matter most: they may be a number to call. */
function toNewest(place: Element): void {
  const newest = place.querySelector('.log')?.lastElementChild as HTMLElement | null | undefined;
  place.scrollTop = place.scrollHeight;
  if (!newest) return;
  const long = newest.matches('.assistant') && newest.offsetHeight > place.clientHeight;
  if (long && !place.querySelector('.live article')) newest.scrollIntoView({ block: 'start' });
}
