/** @typedef {import('../wire.js').Message} Message */

/**
 * The part of a room's history that is on the page: messages without a hole from its first `seq` to its last. It never holds
 * more than `capacity`: growing at one end drops at the other, which can be loaded again.
 */
export class Slice {
  /** @type {Message[]} */
  items = [];

  /**
   * @param {number} capacity
   * @param {{ hasOlder: boolean, hasNewer: boolean }} around whether the room has more before and after
   */
  constructor(capacity, around = { hasOlder: false, hasNewer: false }) {
    this.capacity = capacity;
    this.hasOlder = around.hasOlder;
    this.hasNewer = around.hasNewer;
  }

  get first() {
    return this.items[0];
  }

  get last() {
    return this.items.at(-1);
  }

  /** @param {number} seq */
  indexOf(seq) {
    const index = this.items.findIndex(item => item.seq === seq);
    return index < 0 ? undefined : index;
  }

  /**
   * Takes a new or changed message.
   * @param {Message} message
   * @returns {{ what: 'added' | 'changed' | 'beyond', index: number }} `beyond`: not in the part that is shown
   */
  put(message) {
    const known = this.indexOf(message.seq);
    if (known !== undefined) {
      this.items[known] = message;
      return { what: 'changed', index: known };
    }
    const isOlder = message.seq < (this.first?.seq ?? 0);
    if (isOlder) return { what: 'beyond', index: -1 };
    // One that was changed at once may come after its successors, by its later revision.
    const after = this.items.findIndex(item => item.seq > message.seq);
    if (after < 0 && this.hasNewer) return { what: 'beyond', index: -1 };
    const index = after < 0 ? this.items.length : after;
    this.items.splice(index, 0, message);
    return { what: 'added', index };
  }

  /** Adds a page of history above. @param {Message[]} older oldest first @param {boolean} hasOlder */
  prepend(older, hasOlder) {
    const first = this.first?.seq ?? Infinity;
    const fresh = older.filter(message => message.seq < first);
    this.items = [...fresh, ...this.items];
    this.hasOlder = hasOlder;
    return fresh;
  }

  /** Adds a page of history below. @param {Message[]} newer oldest first @param {boolean} hasNewer */
  append(newer, hasNewer) {
    const last = this.last?.seq ?? 0;
    const fresh = newer.filter(message => message.seq > last);
    this.items.push(...fresh);
    this.hasNewer = hasNewer;
    return fresh;
  }

  /** Drops what is too much at the top. @returns {Message[]} the dropped ones */
  trimTop() {
    const dropped = this.items.splice(0, Math.max(0, this.items.length - this.capacity));
    if (dropped.length > 0) this.hasOlder = true;
    return dropped;
  }

  /** Drops what is too much at the bottom. @returns {Message[]} the dropped ones */
  trimBottom() {
    const dropped = this.items.splice(this.capacity);
    if (dropped.length > 0) this.hasNewer = true;
    return dropped;
  }

  /** Forgets everything for another part of the room. @param {Message[]} messages @param {{ hasOlder: boolean, hasNewer: boolean }} around */
  replace(messages, around) {
    this.items = [...messages].sort((a, b) => a.seq - b.seq);
    this.hasOlder = around.hasOlder;
    this.hasNewer = around.hasNewer;
  }
}
