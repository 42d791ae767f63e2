import { ask } from './ask.js';
import { slot } from './context.js';

/** @typedef {import('./context.js').Context} Context */
/** @typedef {import('./timeline.js').Timeline} Timeline */

/**
 * Removing messages, and with one who governs the room their author: asks, naming what, and leaves the rest to the room, which says it to everybody. Whose
 * messages have the button is decided in bubbles.css by `data-removes`.
 * @param {Context} context @param {Timeline} timeline
 */
export function connectRemoving(context, timeline) {
  const dialog = context.root.querySelector('#removing');
  if (!(dialog instanceof HTMLDialogElement)) return;
  const error = slot(dialog, 'error');
  const act = /** @type {HTMLButtonElement} */ (slot(dialog, 'do'));
  const bans = new Bans(context, dialog);
  /** @type {HTMLElement | undefined} */
  let row;

  context.timeline.addEventListener('click', event => {
    const button = event.target instanceof Element ? event.target.closest('[data-act="remove"]') : null;
    const clicked = button?.closest('li');
    if (!(clicked instanceof HTMLElement)) return;
    row = clicked;
    slot(dialog, 'name').textContent = slot(row, 'name').textContent;
    slot(dialog, 'text').textContent = slot(row, 'text').textContent;
    bans.offer(row);
    error.hidden = true;
    dialog.showModal();
  });

  act.addEventListener('click', async () => {
    if (!row) return;
    act.disabled = true;
    const id = Number(row.id.slice(1));
    const author = row.dataset['author'] ?? '';
    const words = await ask(context, 'DELETE', `messages/${id}`, 'NotRemoved') ?? await bans.carryOut(id, author);
    act.disabled = false;
    error.textContent = words ?? '';
    error.hidden = words === undefined;
    if (words !== undefined) return;
    dialog.close();
    // Its button is gone with its text.
    timeline.row(Number(row.dataset['seq']))?.focus({ preventScroll: true });
  });
}

/** The choice to ban the author too; it is only there for those who govern the room. */
class Bans {
  #isGuest = false;

  /** @param {Context} context @param {HTMLElement} dialog */
  constructor(context, dialog) {
    this.context = context;
    this.place = /** @type {HTMLElement | null} */ (dialog.querySelector('[data-slot="bans"]'));
    this.place?.addEventListener('change', () => this.#show());
  }

  /** @param {HTMLElement} row */
  offer(row) {
    if (!this.place) return;
    this.#isGuest = row.dataset['guest'] === 'true';
    this.place.hidden = row.classList.contains('msg-own') || row.dataset['bot'] === 'true';
    this.#box('ban').checked = this.#box('address').checked = false;
    slot(this.place, 'ban-words').textContent = this.context.texts.say('Ban', `\u2068${slot(row, 'name').textContent}\u2069`);
    this.#show();
  }

  /** @param {number} id @param {string} author @returns {Promise<string | undefined>} why not */
  async carryOut(id, author) {
    if (!this.place || this.place.hidden || !this.#box('ban').checked) return undefined;
    const why = this.#isGuest
      ? await ask(this.context, 'POST', 'bans/guests', 'NotRemoved', { message: id, address: this.#box('address').checked })
      : await ask(this.context, 'PUT', `bans/users/${encodeURIComponent(author)}`, 'NotRemoved');
    return why === undefined ? undefined : this.context.texts.say('NotBanned', why);
  }

  #show() {
    if (this.place) slot(this.place, 'address-line').hidden = !this.#isGuest || !this.#box('ban').checked;
  }

  /** @param {string} name */
  #box(name) {
    return /** @type {HTMLInputElement} */ (slot(/** @type {HTMLElement} */ (this.place), name));
  }
}
