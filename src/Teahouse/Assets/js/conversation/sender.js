import { csrfToken } from '../shared/csrf.js';

/** @typedef {import('../wire.js').Ack} Ack */
/** @typedef {import('../wire.js').Frame} Frame */
/** @typedef {import('../wire.js').Pending} Pending */
/** @typedef {import('../wire.js').Message} Message */
/** @typedef {import('./context.js').Context} Context */
/** @typedef {import('./outbox.js').Outbox} Outbox */

const ANSWER_WITHIN_MS = 15_000;
const WAIT_MS = 1000;

/**
 * Sends what the outbox holds: over the socket, or by the page's form when there is no socket to be had.
 */
export class Sender {
  /** Acknowledged, but not come back as messages yet. @type {Map<number, Pending>} */
  #acked = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {(item: Pending) => void} */
  #transmit = () => {};
  #isOpen = false;

  /**
   * @param {Context} context @param {Outbox} outbox
   * @param {{ show(items: Pending[]): void, failed(item: Pending): void, lost(): void }} page
   */
  constructor(context, outbox, page) {
    this.context = context;
    this.outbox = outbox;
    this.page = page;
    for (const item of outbox.items) context.nonces.add(item.nonce);
    this.#show();
  }

  /** @param {string} text @param {Pending['under']} under */
  add(text, under) {
    const nonce = crypto.randomUUID?.() ?? randomNonce();
    this.context.nonces.add(nonce);
    this.outbox.add(text, nonce, new Date().toISOString(), under);
    this.#pump();
  }

  /** From now on messages can leave, this way. @param {{ seq: number, epoch: string | undefined }} head where the room stands @param {(item: Pending) => void} transmit */
  open(head, transmit) {
    this.outbox.holdStrangers(head, this.context.texts.say('RoomAnew'));
    this.#transmit = transmit;
    this.#isOpen = true;
    this.#pump();
  }

  /** The way is closed; what had no answer is sent again when it opens. */
  close() {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearTimeout(this.#timer);
    this.outbox.interrupt(this.context.texts.say('Uncertain'));
    this.#show();
  }

  /** @param {Ack} ack */
  acked(ack) {
    const item = this.outbox.confirm(ack.nonce);
    // Stays to be seen until the message itself is on the page.
    if (item) this.#acked.set(ack.seq, item);
    this.#settled();
  }

  /** @param {{ nonce: string, code: string, message: string, retryMs?: number | undefined }} refusal */
  refused(refusal) {
    const isPassing = this.outbox.refuse(refusal.nonce, refusal.code, refusal.message);
    clearTimeout(this.#timer);
    const item = this.outbox.items.find(each => each.nonce === refusal.nonce);
    if (isPassing) {
      this.#timer = setTimeout(() => this.#pump(), refusal.retryMs ?? WAIT_MS);
      this.#show();
    } else {
      if (item) this.page.failed(item);
      this.#pump();
    }
  }

  /** Messages are on the page: those of this browser are on their way no more. @param {Message[]} messages */
  arrived(messages) {
    let found = false;
    for (const message of messages) {
      found = this.outbox.confirm(message.nonce) !== undefined || found;
      found = this.#acked.delete(message.seq) || found;
    }
    if (found) this.#settled();
  }

  /** @param {string} nonce */
  retry(nonce) {
    this.outbox.retry(nonce);
    this.#pump();
  }

  /** @param {string} nonce @returns {Pending | undefined} what it was */
  discard(nonce) {
    const item = this.outbox.discard(nonce);
    this.#pump();
    return item;
  }

  /** Nothing leaves any more; what was written can be taken along. @param {string} reason */
  end(reason) {
    this.outbox.end(reason);
    this.#show();
  }

  /** Another tab of this browser wrote, confirmed or discarded something. @param {string | undefined} nonce which; undefined for many */
  sync(nonce) {
    if (nonce !== undefined) this.context.nonces.add(nonce);
    if (this.outbox.sync()) this.#pump();
  }

  /** Sent again with its nonce: an answer can be lost without the connection ending. */
  #unanswered() {
    this.outbox.interrupt(this.context.texts.say('Uncertain'));
    this.page.lost();
    this.#pump();
  }

  #settled() {
    clearTimeout(this.#timer);
    this.#pump();
  }

  #pump() {
    const item = this.#isOpen ? this.outbox.next() : undefined;
    if (item) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#unanswered(), ANSWER_WITHIN_MS);
      this.#transmit(item);
    }
    this.#show();
  }

  #show() {
    this.page.show([...this.#acked.values(), ...this.outbox.items]);
  }
}

/** `randomUUID` is only there on secure addresses; a site on plain HTTP inside a house is none. */
function randomNonce() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {string} url @param {Record<string, string>} fields */
function postForm(url, fields) {
  return fetch(url, {
    method: 'POST',
    headers: { Accept: 'application/json', 'X-CSRFToken': csrfToken() },
    body: new URLSearchParams(fields),
    credentials: 'same-origin',
  });
}

/** Moves the reader's mark where no socket can be had; one that is lost is made up for by the next. @param {string} url @param {number} seq */
export async function markReadByForm(url, seq) {
  await postForm(url, { act: 'read', seen: String(seq) }).catch(() => undefined);
}

/**
 * Sends one message by the page's form, for networks without WebSocket.
 * @param {string} url @param {Pending} item
 * @returns {Promise<{ ack: Ack } | { refusal: { nonce: string, code: string, message: string, retryMs?: number } } | undefined>} undefined: no answer
 */
export async function postByForm(url, item) {
  try {
    const answer = await postForm(url, { content: item.message, nonce: item.nonce });
    const body = await answer.json();
    if (answer.ok) return { ack: { nonce: item.nonce, id: body.id, seq: body.seq, rev: body.rev } };
    return { refusal: { nonce: item.nonce, code: String(body.code ?? ''), message: String(body.detail ?? body.title ?? body.error ?? ''), retryMs: 5000 } };
  } catch {
    return undefined;
  }
}
