import { isOwn } from './row.js';
import { slot } from './context.js';

/** @typedef {import('./context.js').Context} Context */
/** @typedef {import('./timeline.js').Timeline} Timeline */

const SETTLE_MS = 400;

/** Tells the server how far the reader has read, and the reader how far the other one has. */
export class Reading {
  #read;
  #otherRead;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {HTMLElement | undefined} */
  #receipt;
  /** The last own message sent from this page. @type {number | undefined} */
  #sent;

  /** @param {Context} context @param {Timeline} timeline @param {(seq: number) => boolean} tell false: could not be told now */
  constructor(context, timeline, tell) {
    this.context = context;
    this.timeline = timeline;
    this.tell = tell;
    this.#read = context.lastReadSeq;
    this.#otherRead = context.otherReadSeq;
    const look = () => this.look();
    timeline.scroll.box.addEventListener('scroll', look, { passive: true });
    document.addEventListener('visibilitychange', look);
    window.addEventListener('focus', look);
    timeline.listeners.push(look, () => this.#showReceipt());
    this.#showReceipt();
  }

  /** Looks what is in view, a moment later. */
  look() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#report(), SETTLE_MS);
  }

  /** This account read up to here on another device. @param {number} seq */
  readElsewhere(seq) {
    this.#read = Math.max(this.#read, seq);
  }

  /** The server's mark of this account, at the start of a connection: what was shown meanwhile is told now. @param {number} seq */
  connected(seq) {
    this.#read = seq;
    this.look();
  }

  /** @param {number} seq */
  otherRead(seq) {
    this.#otherRead = Math.max(this.#otherRead, seq);
    this.#showReceipt();
  }

  /** @param {number} seq of a message that this page sent */
  sent(seq) {
    this.#sent = Math.max(this.#sent ?? 0, seq);
    this.#showReceipt();
  }

  #report() {
    if (document.visibilityState !== 'visible') return;
    const row = this.timeline.scroll.lastVisible();
    const seq = Number(row?.dataset['seq'] ?? 0);
    if (seq > this.#read && this.tell(seq)) this.#read = seq;
  }

  /** The state of the last own message: sent, or read in a room of two. */
  #showReceipt() {
    const last = this.timeline.slice.items.findLast(message => isOwn(this.context, message) && !message.deleted);
    const row = last && this.timeline.row(last.seq);
    const place = row && slot(row, 'receipt');
    if (this.#receipt && this.#receipt !== place) this.#receipt.textContent = '';
    this.#receipt = place;
    if (!place) return;
    const isRead = this.context.isPair && last.seq <= this.#otherRead;
    const state = isRead ? 'read' : last.seq === this.#sent ? 'sent' : undefined;
    place.textContent = state === undefined ? '' : this.context.texts.say(`State.${state}`);
  }
}
