import { part } from './context.js';

/** @typedef {import('../wire.js').Page} Page */
/** @typedef {import('./context.js').Context} Context */
/** @typedef {import('./timeline.js').Timeline} Timeline */

const PAGE = 50;

/** Reads the room's messages by the API, always by `seq`, never by offset. */
export class HistorySource {
  /** @param {string} room */
  constructor(room) {
    this.url = `/api/v1/rooms/${encodeURIComponent(room)}/messages`;
  }

  /** @param {Record<string, number>} query @returns {Promise<Page>} */
  async read(query) {
    const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    const answer = await fetch(`${this.url}?${parameters}`, { headers: { Accept: 'application/json' }, credentials: 'same-origin' });
    if (!answer.ok) throw new HistoryError(answer.status);
    return answer.json();
  }
}

export class HistoryError extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`The server answered ${status}`);
    this.status = status;
  }
}

/** Loads older and newer pages when the reader comes near them, and goes to a message or to the newest. */
export class History {
  #isLoading = false;

  /**
   * @param {Context} context @param {Timeline} timeline @param {HistorySource} source
   * @param {{ lastSeq(): number, onTrouble(): void }} room
   */
  constructor(context, timeline, source, room) {
    this.context = context;
    this.timeline = timeline;
    this.source = source;
    this.room = room;
    this.#watch('older', () => this.loadOlder());
    this.#watch('newer', () => this.loadNewer());
  }

  async loadOlder() {
    const first = this.timeline.slice.first;
    if (!first || !this.timeline.slice.hasOlder) return;
    await this.#load({ before: first.seq, limit: PAGE }, page => this.timeline.prepend(page.messages, page.has_more));
  }

  async loadNewer() {
    const last = this.timeline.slice.last;
    if (!last || !this.timeline.slice.hasNewer) return;
    await this.#load({ after: last.seq, limit: PAGE }, page => this.timeline.append(page.messages, page.has_more));
  }

  async toLatest() {
    if (this.timeline.slice.hasNewer) {
      await this.#load({ before: this.room.lastSeq() + 1, limit: PAGE }, page => {
        this.timeline.replace(page.messages, { hasOlder: page.has_more, hasNewer: false });
      });
    }
    this.timeline.scroll.toBottom();
  }

  /** Goes to a message by its number. @param {number} seq */
  async toSeq(seq) {
    if (!this.timeline.row(seq)) {
      await this.#load({ before: seq + PAGE / 2, limit: PAGE }, page => {
        const last = page.messages.at(-1)?.seq ?? 0;
        this.timeline.replace(page.messages, { hasOlder: page.has_more, hasNewer: last < this.room.lastSeq() });
      });
    }
    const row = this.timeline.row(seq);
    if (!row) return;
    this.timeline.scroll.show(row);
    row.focus({ preventScroll: true });
    row.classList.remove('msg-target');
    // Read so that the class coming back begins the highlight anew.
    void row.offsetWidth;
    row.classList.add('msg-target');
  }

  /**
   * Goes to a message by its id. An id that is not on the page is looked for by halving: ids grow with `seq`.
   * @param {number} id
   * @returns {Promise<boolean>} whether the room has it
   */
  async toId(id) {
    const shown = this.timeline.slice.items.find(message => message.id === id);
    const seq = shown?.seq ?? await this.#findSeq(id);
    if (seq === undefined) return false;
    await this.toSeq(seq);
    return true;
  }

  /** @param {number} id */
  async #findSeq(id) {
    let low = 1;
    let high = this.room.lastSeq();
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const page = await this.source.read({ before: middle + 1, limit: 1 });
      const found = page.messages[0];
      if (!found) return undefined;
      if (found.id === id) return found.seq;
      if (found.id < id) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  /** @param {Record<string, number>} query @param {(page: Page) => void} show */
  async #load(query, show) {
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      show(await this.source.read(query));
    } catch {
      // Told where it happened; scrolling or the button tries again.
      this.room.onTrouble();
    } finally {
      this.#isLoading = false;
    }
  }

  #ends() {
    const { first, last } = this.timeline.slice;
    return `${first?.seq}-${last?.seq}`;
  }

  /** @param {'older' | 'newer'} name @param {() => Promise<void>} load */
  #watch(name, load) {
    const edge = part(this.context.root, `${name}-edge`);
    part(this.context.root, name).addEventListener('click', event => {
      event.preventDefault();
      void load();
    });
    const observer = new IntersectionObserver(async entries => {
      if (!entries.some(entry => entry.isIntersecting) || edge.hidden) return;
      const before = this.#ends();
      await load();
      // Still near the edge after a short page: look again. Not after a failure, which would ask without end.
      if (this.#ends() !== before) {
        observer.unobserve(edge);
        observer.observe(edge);
      }
    }, { root: this.timeline.scroll.box, rootMargin: '800px 0px' });
    observer.observe(edge);
  }
}
