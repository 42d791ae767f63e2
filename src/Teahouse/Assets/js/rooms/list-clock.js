/** @typedef {import('../shared/live.js').State} State */

const SOON_MS = 300;
const POLL_MS = 5000;
/** Pages that lost their sockets together do not all ask at once. */
const RETURN_MS = 3000;

/** When the list of my rooms is asked for anew: soon after something that says so, again and again while no socket can be had, and after one that was away. */
export class ListClock {
  #ask;
  #random;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #soon;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #poll;
  #askedAt = -Infinity;
  #wasOnline = false;

  /** @param {() => Promise<void>} ask @param {() => number} random */
  constructor(ask, random = Math.random) {
    this.#ask = ask;
    this.#random = random;
  }

  /** Several in a row are one. @param {number} delay in milliseconds */
  soon(delay = SOON_MS) {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.#ask().finally(() => (this.#askedAt = performance.now()));
    }, delay);
  }

  /** For what does not change by asking: soon, but no more often than one polls. */
  seldom() {
    this.soon(performance.now() - this.#askedAt < POLL_MS ? POLL_MS : SOON_MS);
  }

  /** @param {State} state of the page's socket @param {boolean} isPolling no socket can be had */
  connection(state, isPolling) {
    if (isPolling !== (this.#poll !== undefined)) {
      clearInterval(this.#poll);
      this.#poll = isPolling ? setInterval(() => this.soon(), POLL_MS) : undefined;
      if (isPolling) this.soon();
    }
    if (state.name !== 'online') return;
    // That I was added to a room meanwhile was told to nobody.
    if (this.#wasOnline) this.soon(this.#random() * RETURN_MS);
    this.#wasOnline = true;
  }
}
