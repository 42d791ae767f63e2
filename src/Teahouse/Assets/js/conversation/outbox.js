/** @typedef {import('../wire.js').Pending} Pending */

/** @typedef {{ load(): Pending[], save(items: Pending[]): void }} Shelf where the queue outlives the page */

/** Refusals that pass: the message stays in the queue and is tried again. */
const PASSING = new Set(['busy', 'rate_limited']);

/**
 * The messages of this browser that the server has not confirmed, in the order they were written. One is on its way at a time:
 * so a refused or lost one cannot be overtaken by the next. A retry keeps its nonce, by which the server knows it again.
 */
export class Outbox {
  /** @type {Pending[]} */
  items;

  /**
   * @param {Shelf} shelf
   * @param {{ isKnown: boolean }} writer whether the server can tell a repeat: a visitor without identity has no nonces
   */
  constructor(shelf, writer) {
    this.shelf = shelf;
    this.writer = writer;
    // What was on its way when the page closed may have arrived; the nonce makes the repeat harmless.
    this.items = shelf.load().map(item => item.state === 'sending' ? this.#interrupted(item) : item);
  }

  /** @param {string} message @param {string} nonce @param {string} at ISO time */
  add(message, nonce, at) {
    /** @type {Pending} */
    const item = { nonce, message, at, state: 'waiting' };
    this.items.push(item);
    this.#save();
    return item;
  }

  /** Takes the next message to put on the wire, if none is on its way. @returns {Pending | undefined} */
  next() {
    if (this.items.some(item => item.state === 'sending')) return undefined;
    const item = this.items.find(each => each.state === 'waiting');
    if (item) {
      item.state = 'sending';
      this.#save();
    }
    return item;
  }

  /** The server has it: by its ack, or because it came back as a message. @param {string | undefined} nonce */
  confirm(nonce) {
    const index = this.items.findIndex(item => item.nonce === nonce);
    if (nonce === undefined || index < 0) return undefined;
    const [item] = this.items.splice(index, 1);
    this.#save();
    return item;
  }

  /**
   * The server said no.
   * @param {string} nonce @param {string} code @param {string} reason in the reader's language
   * @returns {boolean} whether it is tried again by itself, after a wait
   */
  refuse(nonce, code, reason) {
    const item = this.items.find(each => each.nonce === nonce);
    if (!item) return false;
    const passes = PASSING.has(code);
    item.state = passes ? 'waiting' : 'failed';
    item.reason = passes ? undefined : reason;
    this.#save();
    return passes;
  }

  /** The connection ended with no answer. @param {string} uncertain words for a writer whose repeat the server cannot tell */
  interrupt(uncertain) {
    this.items = this.items.map(item => item.state === 'sending' ? this.#interrupted(item, uncertain) : item);
    this.#save();
  }

  /** @param {string} nonce */
  retry(nonce) {
    const item = this.items.find(each => each.nonce === nonce && each.state === 'failed');
    if (!item) return;
    item.state = 'waiting';
    item.reason = undefined;
    this.#save();
  }

  /** @param {string} nonce */
  discard(nonce) {
    this.items = this.items.filter(item => item.nonce !== nonce);
    this.#save();
  }

  /** @param {Pending} item @param {string} [reason] @returns {Pending} */
  #interrupted(item, reason) {
    return this.writer.isKnown ? { ...item, state: 'waiting' } : { ...item, state: 'failed', reason };
  }

  #save() {
    this.shelf.save(this.items);
  }
}
