import { dayName, part, slot } from './context.js';
import { place } from './grouping.js';
import { isOwn, newRow, paintPlace, paintRow, readRow } from './row.js';
import { Scroll } from './scroll.js';
import { Slice } from './slice.js';

/** @typedef {import('../wire.js').Message} Message */
/** @typedef {import('./context.js').Context} Context */

const MAX_ROWS = 300;

/** The rows of the conversation: keeps them the same as the slice of history that is loaded, and the reader in place. */
export class Timeline {
  /** @type {Map<number, HTMLElement>} */
  #rows = new Map();
  #list;

  /** @param {Context} context */
  constructor(context) {
    this.context = context;
    this.#list = context.timeline;
    this.scroll = new Scroll(part(context.root, 'scroller'));
    this.slice = new Slice(MAX_ROWS, context);
    const rows = /** @type {HTMLElement[]} */ ([...this.#list.children]);
    this.slice.items = rows.map(readRow);
    this.slice.items.forEach((message, i) => this.#rows.set(message.seq, /** @type {HTMLElement} */ (rows[i])));
    /** Told after every change of rows. @type {(() => void)[]} */
    this.listeners = [];
  }

  /** @param {number} seq */
  row(seq) {
    return this.#rows.get(seq);
  }

  /**
   * Shows live changes, in their order.
   * @param {Message[]} changes
   * @returns {Message[]} messages by others that are new and out of the reader's sight
   */
  put(changes) {
    const follow = this.scroll.isNearBottom && !this.slice.hasNewer;
    /** @type {Message[]} */
    const unseen = [];
    const show = () => {
      for (const message of changes) {
        const { what, index } = this.slice.put(message);
        if (what === 'changed') this.#repaint(index);
        if (what === 'added') this.#insert([message], this.#list.children[index] ?? null, index);
        const isNew = what === 'added' || (what === 'beyond' && message.seq > (this.slice.last?.seq ?? 0));
        if (isNew && !follow && message.kind === 'text' && !isOwn(this.context, message)) unseen.push(message);
      }
      if (follow) this.#drop(this.slice.trimTop());
    };
    if (follow) {
      show();
      this.scroll.toBottom();
    } else {
      this.scroll.keep(show, { isNews: true });
    }
    this.#changed();
    return unseen;
  }

  /** @param {Message[]} older oldest first @param {boolean} hasOlder */
  prepend(older, hasOlder) {
    this.scroll.keep(() => {
      const fresh = this.slice.prepend(older, hasOlder);
      this.#insert(fresh, this.#list.firstElementChild, 0);
      this.#drop(this.slice.trimBottom());
      this.#replaceAt(fresh.length);
      // Inside: the way to newer messages takes room below, and would push up what is read.
      this.#showEdges();
    });
    this.#changed();
  }

  /** @param {Message[]} newer oldest first @param {boolean} hasNewer */
  append(newer, hasNewer) {
    this.scroll.keep(() => {
      const fresh = this.slice.append(newer, hasNewer);
      this.#insert(fresh, null, this.slice.items.length - fresh.length);
      this.#drop(this.slice.trimTop());
      this.#showEdges();
    });
    this.#changed();
  }

  /** Forgets what is shown for another part of the room. @param {Message[]} messages @param {{ hasOlder: boolean, hasNewer: boolean }} around */
  replace(messages, around) {
    this.slice.replace(messages, around);
    this.#list.replaceChildren();
    this.#rows.clear();
    this.#insert(this.slice.items, null, 0);
    this.#changed();
  }

  /** Said again each midnight: today has become yesterday. */
  renameDays() {
    this.slice.items.forEach((_, index) => this.#replaceAt(index));
  }

  /** @param {Message[]} messages @param {Element | null} before @param {number} index of the first */
  #insert(messages, before, index) {
    const rows = messages.map(message => {
      const row = newRow(this.context);
      paintRow(row, message, this.context);
      this.#rows.set(message.seq, row);
      return row;
    });
    const part = document.createDocumentFragment();
    part.append(...rows);
    this.#list.insertBefore(part, before);
    for (let i = index - 1; i <= index + messages.length; i++) this.#replaceAt(i);
  }

  /** @param {Message[]} messages */
  #drop(messages) {
    for (const message of messages) {
      this.#rows.get(message.seq)?.remove();
      this.#rows.delete(message.seq);
    }
    if (messages.length > 0) {
      this.#replaceAt(0);
      this.#replaceAt(this.slice.items.length - 1);
    }
  }

  /** @param {number} index */
  #repaint(index) {
    const message = this.slice.items[index];
    const row = message && this.#rows.get(message.seq);
    if (!row) return;
    paintRow(row, message, this.context);
    for (const i of [index - 1, index, index + 1]) this.#replaceAt(i);
  }

  /** Works out a row's day and group again. @param {number} index */
  #replaceAt(index) {
    const { items } = this.slice;
    const message = items[index];
    const row = message && this.#rows.get(message.seq);
    if (!row) return;
    const where = place(items[index - 1], message, items[index + 1], this.context.days);
    // An unread line is a break too: what follows it shows who speaks.
    if (!slot(row, 'unread').hidden) where.isFirst = true;
    paintPlace(row, where, where.startsDay ? dayName(this.context, message.timestamp) : undefined);
  }

  #showEdges() {
    part(this.context.root, 'older-edge').hidden = !this.slice.hasOlder;
    part(this.context.root, 'newer-edge').hidden = !this.slice.hasNewer;
    part(this.context.root, 'beginning').hidden = this.slice.hasOlder || this.slice.items.length === 0;
    part(this.context.root, 'empty').hidden = this.slice.items.length > 0;
  }

  #changed() {
    this.#showEdges();
    for (const listener of this.listeners) listener();
  }
}
