/** How near to the bottom counts as reading the newest. */
const NEAR_PX = 100;

/**
 * The timeline's scrolling. The box is laid out in reverse: its offset is 0 at the newest message and negative above, so what
 * is added above never moves what is read; what is added below does, unless the reading position is kept.
 */
export class Scroll {
  /** @param {HTMLElement} box */
  constructor(box) {
    this.box = box;
  }

  get isNearBottom() {
    return this.box.scrollTop > -NEAR_PX;
  }

  toBottom() {
    this.box.scrollTop = 0;
  }

  /**
   * Changes the rows so that the one at the top of the view stays where it is.
   * @param {() => void} change
   * @param {{ isNews?: boolean }} [what] news is read out by screen readers, history that is loaded is not
   */
  keep(change, { isNews = false } = {}) {
    // The text, not the row: a row loses its day and its author's name when what precedes it comes in.
    const anchor = this.#anchor()?.querySelector('[data-slot=text]');
    const before = anchor?.getBoundingClientRect().top ?? 0;
    if (!isNews) this.box.setAttribute('aria-busy', 'true');
    change();
    this.box.removeAttribute('aria-busy');
    if (anchor?.isConnected) this.box.scrollTop += anchor.getBoundingClientRect().top - before;
  }

  /** The last row that is at least partly in view. @returns {HTMLElement | undefined} */
  lastVisible() {
    const bottom = this.box.getBoundingClientRect().bottom;
    return this.#rows().findLast(row => row.getBoundingClientRect().top < bottom - 8);
  }

  /** @param {HTMLElement} row */
  show(row) {
    row.scrollIntoView({ block: 'center' });
  }

  /** Brings a row to the top of the view if it is above it. @param {HTMLElement} row */
  showFrom(row) {
    if (row.getBoundingClientRect().top < this.box.getBoundingClientRect().top) row.scrollIntoView({ block: 'start' });
  }

  #anchor() {
    const { top, bottom } = this.box.getBoundingClientRect();
    return this.#rows().find(row => {
      const place = row.getBoundingClientRect();
      return place.bottom > top && place.top < bottom;
    });
  }

  #rows() {
    return /** @type {HTMLElement[]} */ ([...this.box.querySelectorAll('#timeline > li')]);
  }
}
