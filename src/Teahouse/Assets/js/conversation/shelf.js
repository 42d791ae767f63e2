/** @typedef {import('../wire.js').Pending} Pending */

/**
 * Where a room's messages wait that the server has not confirmed: it outlives the page and is shared by all tabs, so each message has
 * an entry of its own, and none overwrites what another tab put there.
 */
export class Shelf {
  /** What could not be stored, because storage is full or forbidden: it lives as long as the page. @type {Map<string, Pending>} */
  #unstored = new Map();

  /** @param {string} key of the reader and the room @param {Storage} storage */
  constructor(key, storage) {
    this.key = key;
    this.prefix = `${key}:`;
    this.storage = storage;
  }

  /** All of the room's, in the order they were written. @returns {Pending[]} */
  load() {
    /** @type {Pending[]} */
    const items = [...this.#unstored.values()];
    try {
      this.#split();
      for (let i = 0; i < this.storage.length; i++) {
        const key = this.storage.key(i);
        const item = key?.startsWith(this.prefix) ? this.find(key.slice(this.prefix.length)) : undefined;
        if (item && !this.#unstored.has(item.nonce)) items.push(item);
      }
    } catch {
      // No storage: only what this page has written.
    }
    return items.sort((a, b) => a.at.localeCompare(b.at) || (a.order ?? 0) - (b.order ?? 0));
  }

  /** As it stands there now; undefined when it was confirmed or discarded, in whichever tab. @param {string} nonce @returns {Pending | undefined} */
  find(nonce) {
    try {
      return this.#unstored.get(nonce) ?? JSON.parse(this.storage.getItem(this.prefix + nonce) ?? 'null') ?? undefined;
    } catch {
      return undefined;
    }
  }

  /** @param {Pending} item */
  put(item) {
    try {
      this.storage.setItem(this.prefix + item.nonce, JSON.stringify(item));
      this.#unstored.delete(item.nonce);
    } catch {
      this.#unstored.set(item.nonce, item);
    }
  }

  /** @param {string} nonce */
  drop(nonce) {
    this.#unstored.delete(nonce);
    try {
      this.storage.removeItem(this.prefix + nonce);
    } catch {
      // It is not there either.
    }
  }

  /** Which of this room's messages a change is about that another tab made in the storage. @param {string} key @returns {string | undefined} its nonce; undefined for none */
  nonceOf(key) {
    return key.startsWith(this.prefix) ? key.slice(this.prefix.length) : undefined;
  }

  /** Earlier pages kept the whole list in one entry. */
  #split() {
    const list = this.storage.getItem(this.key);
    if (list === null) return;
    // First: in a full storage this makes the room for them.
    this.storage.removeItem(this.key);
    try {
      /** @type {Pending[]} */ (JSON.parse(list)).forEach((item, order) => this.put({ ...item, order }));
    } catch {
      // No list.
    }
  }
}

/** The browser's storage; where it is forbidden, one that forgets everything. */
export function browserStorage() {
  try {
    return localStorage;
  } catch {
    return /** @type {Storage} */ ({ length: 0, key: () => null, getItem: () => null, setItem() { throw new Error('No storage'); }, removeItem() {}, clear() {} });
  }
}
