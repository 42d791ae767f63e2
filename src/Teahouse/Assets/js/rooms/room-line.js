import { RevCursor } from '../conversation/rev-cursor.js';

/** @typedef {import('../wire.js').Frame} Frame */
/** @typedef {import('../wire.js').Message} Message */
/** @typedef {import('../wire.js').Subscribed} Subscribed */

/**
 * One room of the list: what was said last, and how much of it is unread. Fed with the room's frames it stays what the
 * server would count.
 */
export class RoomLine {
  /** @type {Message | undefined} the last message that arrived while the page is open */
  last;

  /** @param {{ me: string, rev: number, epoch: string | undefined, lastSeq: number, readSeq: number, unread: number, at: number }} start */
  constructor(start) {
    this.me = start.me;
    this.cursor = new RevCursor(start.rev, start.epoch);
    this.lastSeq = start.lastSeq;
    this.readSeq = start.readSeq;
    this.unread = start.unread;
    this.at = start.at;
  }

  /**
   * Takes a frame of this room.
   * @param {Frame} frame
   * @returns {Message[]} new messages by others
   */
  take(frame) {
    switch (frame.type) {
      case 'message':
        return this.#apply(this.cursor.offer(/** @type {Message} */ (/** @type {unknown} */ (frame))));
      case 'subscribed':
        return this.#catchUp(/** @type {Subscribed} */ (/** @type {unknown} */ (frame)));
      case 'read':
        if (frame['user'] === this.me) this.#read(Number(frame['seq']));
        return [];
      default:
        return [];
    }
  }

  /** @param {Subscribed} answer */
  #catchUp(answer) {
    const { reset, changes } = this.cursor.catchUp(answer);
    if (reset) {
      this.lastSeq = 0;
      this.unread = 0;
    }
    const news = this.#apply(changes);
    if (reset) {
      // More was missed than was sent: the server's numbers, less what of the sent ones is one's own.
      const own = answer.messages.filter(message => message.seq > answer.last_read_seq && this.#isOwn(message)).length;
      this.unread = Math.max(0, answer.last_seq - answer.last_read_seq - own);
      this.lastSeq = answer.last_seq;
    }
    this.#read(answer.last_read_seq);
    return reset ? [] : news;
  }

  /** @param {Message[]} changes */
  #apply(changes) {
    /** @type {Message[]} */
    const news = [];
    // One that was changed at once comes after its successors, by its later revision; it counts all the same.
    for (const message of [...changes].sort((a, b) => a.seq - b.seq)) {
      if (message.seq < this.lastSeq) continue;
      this.last = message;
      this.at = Date.parse(message.timestamp);
      if (message.seq === this.lastSeq) continue;
      this.lastSeq = message.seq;
      if (this.#isOwn(message)) continue;
      if (message.seq > this.readSeq) this.unread++;
      news.push(message);
    }
    return news;
  }

  /** @param {number} seq */
  #read(seq) {
    if (seq <= this.readSeq) return;
    this.readSeq = seq;
    this.unread = Math.min(this.unread, Math.max(0, this.lastSeq - seq));
  }

  /** @param {Message} message */
  #isOwn(message) {
    return message.kind === 'text' && !message.guest && message.user === this.me;
  }
}

/** Unread first, then the latest. @param {RoomLine} a @param {RoomLine} b */
export function byUrgency(a, b) {
  return Number(b.unread > 0) - Number(a.unread > 0) || b.at - a.at;
}
