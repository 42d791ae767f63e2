import { part, slot } from './context.js';
import { newRow, paintPlace, paintRow } from './row.js';

/** @typedef {import('../wire.js').Pending} Pending */
/** @typedef {import('./context.js').Context} Context */

/** Messages on their way, below the timeline: what was written is seen at once. */
export class PendingList {
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();
  #list;

  /**
   * @param {Context} context
   * @param {{ retry(nonce: string): void, rewrite(nonce: string): void, discard(nonce: string): void }} acts
   */
  constructor(context, acts) {
    this.context = context;
    this.#list = part(context.root, 'pending');
    this.#list.addEventListener('click', event => {
      const button = event.target instanceof Element ? event.target.closest('button') : null;
      const nonce = button?.closest('li')?.dataset['nonce'];
      if (!button || nonce === undefined) return;
      if (button.dataset['act'] === 'retry') acts.retry(nonce);
      if (button.dataset['act'] === 'rewrite') acts.rewrite(nonce);
      if (button.dataset['act'] === 'discard') acts.discard(nonce);
    });
  }

  /** @param {Pending[]} items */
  show(items) {
    const wanted = new Set(items.map(item => item.nonce));
    for (const [nonce, row] of this.#rows) {
      if (wanted.has(nonce)) continue;
      row.remove();
      this.#rows.delete(nonce);
    }
    items.forEach((item, index) => {
      const row = this.#rows.get(item.nonce) ?? this.#add(item);
      paintPlace(row, { isFirst: index === 0, isLast: index === items.length - 1 }, undefined);
      this.#paintState(row, item);
    });
    if (items.length > 0) part(this.context.root, 'empty').hidden = true;
  }

  /** @param {Pending} item */
  #add(item) {
    const { context } = this;
    const row = newRow(context);
    paintRow(row, {
      id: 0, seq: 0, rev: 0, user: context.me, guest: context.isGuest, kind: 'text', message: item.message, timestamp: item.at, nonce: item.nonce,
    }, context);
    row.classList.add('msg-own', 'msg-pending');
    row.dataset['nonce'] = item.nonce;
    slot(row, 'link').removeAttribute('href');
    this.#rows.set(item.nonce, row);
    this.#list.append(row);
    return row;
  }

  /** @param {HTMLElement} row @param {Pending} item */
  #paintState(row, item) {
    const { root, texts } = this.context;
    slot(row, 'receipt').textContent = texts.say(`State.${item.state}`);
    row.dataset['state'] = item.state;
    row.classList.toggle('msg-failed', item.state === 'failed');
    const shown = /** @type {HTMLElement | null} */ (row.querySelector('.failed'));
    const reason = item.reason ?? texts.say('NotSent');
    // Painted once, so that a button keeps the focus.
    if (item.state === 'failed' && shown && slot(shown, 'reason').textContent === reason) return;
    shown?.remove();
    if (item.state === 'failed') {
      const template = /** @type {HTMLTemplateElement} */ (part(root, 'failed-template'));
      const failed = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
      slot(failed, 'reason').textContent = reason;
      slot(failed, item.isFinal ? 'retry' : 'rewrite').remove();
      slot(row, 'text').closest('.msg-body')?.append(failed);
    }
  }
}
