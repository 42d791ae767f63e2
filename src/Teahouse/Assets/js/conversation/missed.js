import { notify } from '../shared/notifications.js';
import { countInTitle } from '../shared/title.js';
import { isOwn } from './row.js';

/** @typedef {import('../wire.js').Message} Message */
/** @typedef {import('./context.js').Context} Context */

/** Messages that came while a guest's page was hidden; a user's are counted by the room list. */
export class Missed {
  #count = 0;

  /** @param {Context} context @param {() => void} open goes to the newest */
  constructor(context, open) {
    this.context = context;
    this.open = open;
    document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') this.#show(0); });
  }

  /** @param {Message} message new in the room */
  add(message) {
    const { context, open } = this;
    if (message.kind !== 'text' || isOwn(context, message) || document.visibilityState === 'visible') return;
    this.#show(this.#count + 1);
    notify({
      title: `${message.display_name || message.user} · ${context.title}`,
      text: message.message,
      tag: `${context.room}#${message.seq}`,
      open,
    });
  }

  /** @param {number} count */
  #show(count) {
    this.#count = count;
    countInTitle(count);
  }
}
