/** @typedef {import('../wire.js').Frame} Frame */

/**
 * My rooms that have no row in the list: with very many it would be long beside every page. They are followed all the same,
 * so that one in which something is said can get its row.
 */
export class OtherRooms {
  /** @type {Map<string, { rev: number, unread: number }>} */
  #rooms = new Map();

  /** @param {string} me */
  constructor(me) {
    this.me = me;
  }

  get names() {
    return [...this.#rooms.keys()];
  }

  /** @returns {number} unread messages in all of them, as of the last `replace` */
  get unread() {
    let sum = 0;
    for (const room of this.#rooms.values()) sum += room.unread;
    return sum;
  }

  /** @param {string | undefined} heads `name rev unread,…` @returns {string[]} the names that are new here */
  replace(heads) {
    const before = this.#rooms;
    this.#rooms = new Map();
    for (const head of heads ? heads.split(',') : []) {
      const [name, rev, unread] = head.split(' ');
      this.#rooms.set(name ?? '', { rev: Number(rev), unread: Number(unread) });
    }
    return this.names.filter(name => !before.has(name));
  }

  /** @param {string} name */
  has(name) {
    return this.#rooms.has(name);
  }

  /** @param {string} name @returns {number | undefined} the last change that is known */
  rev(name) {
    return this.#rooms.get(name)?.rev;
  }

  /** @param {string} name */
  delete(name) {
    this.#rooms.delete(name);
  }

  /** @param {string} name @param {Frame} frame @returns {boolean} whether something moved there that the list should show */
  moves(name, frame) {
    const room = this.#rooms.get(name);
    if (!room) return false;
    if (frame.type === 'read') return frame['user'] === this.me && room.unread > 0;
    const rev = frame.type === 'heartbeat' ? /** @type {Record<string, number>} */ (frame['rooms'])[name] : frame['rev'];
    if (typeof rev !== 'number' || rev <= room.rev) return false;
    room.rev = rev;
    return true;
  }
}
