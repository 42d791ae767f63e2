/** @typedef {import('../wire.js').Message} Message */
/** @typedef {import('../wire.js').Subscribed} Subscribed */

/**
 * Puts a room's changes into their order. A change is applied when its `rev` follows the last one, dropped when it is known,
 * and held back when something before it is missing: two nodes may publish in inverted order, so the missing one may be
 * on its way; if it does not come, the caller subscribes again from `rev`.
 */
export class RevCursor {
  /** @type {Map<number, Message>} */
  #held = new Map();
  #catchingUp = false;

  /** @param {number} rev the last change this client has @param {string | undefined} epoch and of which history */
  constructor(rev, epoch) {
    this.rev = rev;
    this.epoch = epoch;
  }

  /** Whether changes wait for one that is missing. */
  get hasGap() {
    return this.#held.size > 0;
  }

  /** From now until `catchUp`, live changes wait: the answer may hold them, or ones before them. */
  expectCatchUp() {
    this.#catchingUp = true;
  }

  /**
   * Takes one live change.
   * @param {Message} message
   * @returns {Message[]} what can be shown now, in order
   */
  offer(message) {
    if (message.rev <= this.rev) return [];
    this.#held.set(message.rev, message);
    return this.#catchingUp ? [] : this.#release();
  }

  /**
   * Takes the answer to a subscription.
   * @param {Pick<Subscribed, 'rev' | 'epoch' | 'messages' | 'reset'>} answer
   * @returns {{ reset: boolean, changes: Message[] }} `reset`: forget everything shown before
   */
  catchUp(answer) {
    this.#catchingUp = false;
    const reset = answer.reset === true || (this.epoch !== undefined && this.epoch !== answer.epoch);
    const changes = reset ? answer.messages : answer.messages.filter(message => message.rev > this.rev);
    if (reset && this.epoch !== answer.epoch) this.#held.clear();
    this.epoch = answer.epoch;
    this.rev = reset ? answer.rev : Math.max(this.rev, answer.rev);
    return { reset, changes: [...changes, ...this.#release()] };
  }

  /**
   * Takes one page of changes that were asked for by `since_rev`.
   * @param {{ messages: Message[], rev: number, has_more: boolean }} page oldest change first
   * @returns {Message[]}
   */
  poll(page) {
    const changes = page.messages.filter(message => message.rev > this.rev);
    // Between pages the last change is the cursor; after the last one the room's head is, which may be further on.
    const last = page.messages.at(-1)?.rev ?? this.rev;
    this.rev = Math.max(this.rev, page.has_more ? last : page.rev);
    return [...changes, ...this.#release()];
  }

  /** Whether the room's head, as a heartbeat told it, is further than what was received. @param {number} head */
  isBehind(head) {
    return head > this.rev;
  }

  #release() {
    const ready = [];
    for (const rev of this.#held.keys()) if (rev <= this.rev) this.#held.delete(rev);
    for (let next = this.#held.get(this.rev + 1); next; next = this.#held.get(this.rev + 1)) {
      this.#held.delete(next.rev);
      this.rev = next.rev;
      ready.push(next);
    }
    return ready;
  }
}
