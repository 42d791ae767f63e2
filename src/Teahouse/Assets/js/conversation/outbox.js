/** @typedef {import('../wire.js').Pending} Pending */
/** @typedef {import('./shelf.js').Shelf} Shelf */

/** Refusals that pass: the message stays in the queue and is tried again. */
const PASSING = new Set(['busy', 'rate_limited']);

/**
 * The messages of this browser that the server has not confirmed, in the order they were written. One is on its way at a time:
 * so a refused or lost one cannot be overtaken by the next. A retry keeps its nonce, by which the server knows it again. Several
 * tabs may hold the same message: sent twice it is stored once, and what one tab confirms or discards is gone from all.
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

  /** @param {string} message @param {string} nonce @param {string} at ISO time @param {Pending['under']} [under] */
  add(message, nonce, at, under) {
    /** @type {Pending} */
    const item = { nonce, message, at, state: 'waiting', order: (this.items.at(-1)?.order ?? 0) + 1, under };
    this.items.push(item);
    this.shelf.put(item);
    return item;
  }

  /** Takes the next message to put on the wire, if none is on its way. @returns {Pending | undefined} */
  next() {
    this.sync();
    if (this.items.some(item => item.state === 'sending')) return undefined;
    const item = this.items.find(each => each.state === 'waiting' && this.#isMineToSend(each));
    if (item) {
      item.state = 'sending';
      this.shelf.put(item);
    }
    return item;
  }

  /** The server has it: by its ack, or because it came back as a message. @param {string | undefined} nonce */
  confirm(nonce) {
    const item = nonce === undefined ? undefined : this.#find(nonce);
    if (item) this.discard(item.nonce);
    return item;
  }

  /**
   * The server said no.
   * @param {string} nonce @param {string} code @param {string} reason in the reader's language
   * @returns {boolean} whether it is tried again by itself, after a wait
   */
  refuse(nonce, code, reason) {
    // What another tab discarded meanwhile must not come back.
    this.sync();
    const item = this.#find(nonce);
    if (!item) return false;
    const passes = PASSING.has(code);
    item.state = passes ? 'waiting' : 'failed';
    item.reason = passes ? undefined : reason;
    item.isFinal = passes ? undefined : true;
    this.shelf.put(item);
    return passes;
  }

  /** The connection ended with no answer. @param {string} uncertain words for a writer whose repeat the server cannot tell */
  interrupt(uncertain) {
    this.sync();
    for (const item of this.items) {
      // The others may be on their way from another tab.
      if (item.state === 'sending') this.shelf.put(Object.assign(item, this.#interrupted(item, uncertain)));
    }
  }

  /** None of these can leave any more. @param {string} reason */
  end(reason) {
    this.#hold(() => true, { reason, isFinal: true });
  }

  /**
   * Leaves to its writer, whether it still should go, what was written under messages that the room does not have: it was deleted and begun anew, with others in it perhaps.
   * @param {{ seq: number, epoch: string | undefined }} head where the room stands @param {string} reason
   */
  holdStrangers(head, reason) {
    this.#hold(item => item.state !== 'failed' && item.under !== undefined && item.under.epoch === head.epoch && item.under.seq > head.seq, { reason });
  }

  /** @param {string} nonce */
  retry(nonce) {
    this.sync();
    const item = this.#find(nonce);
    // Wherever it was written: its writer has seen where it goes.
    if (item?.state === 'failed') this.shelf.put(Object.assign(item, { state: 'waiting', reason: undefined, isFinal: undefined, under: undefined }));
  }

  /** @param {string} nonce @returns {Pending | undefined} what it was */
  discard(nonce) {
    const item = this.#find(nonce);
    this.items = this.items.filter(each => each !== item);
    this.shelf.drop(nonce);
    return item;
  }

  /** Another tab changed the shelf: forgets what it confirmed or discarded. @returns {boolean} whether there was any */
  sync() {
    const left = this.items.filter(item => this.shelf.find(item.nonce) !== undefined);
    const hasChanged = left.length < this.items.length;
    this.items = left;
    return hasChanged;
  }

  /** Whoever's repeats the server can't tell must not send what another tab has on its way, or is not sure of. @param {Pending} item */
  #isMineToSend(item) {
    return this.writer.isKnown || this.shelf.find(item.nonce)?.state === 'waiting';
  }

  /** @param {string} nonce */
  #find(nonce) {
    return this.items.find(item => item.nonce === nonce);
  }

  /** @param {Pending} item @param {string} [reason] @returns {Pending} */
  #interrupted(item, reason) {
    return this.writer.isKnown ? { ...item, state: 'waiting' } : { ...item, state: 'failed', reason };
  }

  /** @param {(item: Pending) => boolean} isHeld @param {{ reason: string, isFinal?: boolean }} how */
  #hold(isHeld, how) {
    this.sync();
    for (const item of this.items) if (isHeld(item)) this.shelf.put(Object.assign(item, { state: 'failed', ...how }));
  }
}
