import { part, slot } from './context.js';
import { Typists } from './typists.js';

/** @typedef {import('../wire.js').Frame} Frame */
/** @typedef {import('./context.js').Context} Context */

/** Who is here and who is typing. */
export class People {
  #typists = new Typists();
  #hasEnded = false;
  #line;
  #count;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Context} context */
  constructor(context) {
    this.context = context;
    this.#line = part(context.root, 'typing');
    this.#count = part(context.root, 'online-count');
  }

  /** @param {Frame} frame of type `subscribed` or `presence` */
  present(frame) {
    const count = frame['members_online'];
    if (typeof count === 'number') {
      // Visitors without a name are not counted; none would be wrong in the eyes of who reads it.
      this.#count.hidden = count === 0 || this.#hasEnded;
      this.#count.textContent = this.context.texts.count('OnlineCount', count);
    }
    if (Array.isArray(frame['online'])) {
      const here = new Set(frame['online']);
      for (const entry of this.#entries()) this.#mark(entry, here.has(entry.dataset['user']));
    }
    if (typeof frame['user'] === 'string' && typeof frame['online'] === 'boolean') {
      const entry = this.#entries().find(each => each.dataset['user'] === frame['user']);
      if (entry) this.#mark(entry, frame['online']);
      if (!frame['online']) this.gone(frame['user']);
    }
  }

  /** Who is here can't be seen any more. */
  end() {
    this.#hasEnded = true;
    this.#count.hidden = true;
  }

  /** @param {string} user */
  typing(user) {
    if (user === this.context.me) return;
    this.#typists.saw(user, performance.now());
    this.#show();
  }

  /** @param {string} user */
  gone(user) {
    this.#typists.gone(user);
    this.#show();
  }

  #show() {
    const { texts } = this.context;
    const { names, others, nextChangeMs } = this.#typists.at(performance.now());
    const key = others > 0 ? 'more' : names.length;
    this.#line.textContent = names.length === 0 ? '' : texts.say(`Typing.${key}`, ...names.map(name => `\u2068${name}\u2069`));
    clearTimeout(this.#timer);
    if (nextChangeMs !== undefined) this.#timer = setTimeout(() => this.#show(), nextChangeMs);
  }

  #entries() {
    // The side pane is outside the conversation.
    return /** @type {HTMLElement[]} */ ([...document.querySelectorAll('#members > [data-user]')]);
  }

  /** @param {HTMLElement} entry @param {boolean} isOnline */
  #mark(entry, isOnline) {
    slot(entry, 'dot').classList.toggle('dot-on', isOnline);
    slot(entry, 'presence').textContent = this.context.texts.say(isOnline ? 'Presence.on' : 'Presence.off');
  }
}
