import { GIVE_UP_AFTER } from '../shared/live.js';
import { connectComposer } from './composer.js';
import { ConnectionView, isOver } from './connection-view.js';
import { connectEditing } from './editing.js';
import { History, HistorySource } from './history.js';
import { connectKeys } from './keys.js';
import { Latest } from './latest.js';
import { Missed } from './missed.js';
import { connectNotifyButton } from './notify-button.js';
import { Outbox } from './outbox.js';
import { PendingList } from './pending-list.js';
import { People } from './people.js';
import { connectPermalinks } from './permalinks.js';
import { Polling } from './polling.js';
import { Reading } from './reading.js';
import { RevCursor } from './rev-cursor.js';
import { connectRemoving } from './removing.js';
import { renewSide, showRoom } from './room-head.js';
import { markReadByForm, postByForm, Sender } from './sender.js';
import { browserStorage, Shelf } from './shelf.js';
import { Timeline } from './timeline.js';
import { say } from './toast.js';

/** @typedef {import('../wire.js').Ack} Ack */
/** @typedef {import('../wire.js').Frame} Frame */
/** @typedef {import('../wire.js').Message} Message */
/** @typedef {import('../wire.js').Pending} Pending */
/** @typedef {import('../wire.js').Subscribed} Subscribed */
/** @typedef {import('../shared/live.js').Live} Live */
/** @typedef {import('../shared/live.js').State} State */
/** @typedef {import('./context.js').Context} Context */

const GAP_MS = 250;

/** One room on the page: takes its frames, shows them, and sends what is written. */
export class Conversation {
  /** @type {Live | undefined} */
  #live;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #gap;
  #lastSeq;
  /** The room is not there for the reader any more. */
  #isOver = false;

  /** @param {Context} context @param {import('../rooms/list.js').RoomList | undefined} list */
  constructor(context, list) {
    this.context = context;
    this.list = list;
    this.cursor = new RevCursor(context.rev, context.epoch);
    this.#lastSeq = context.lastSeq;
    const source = new HistorySource(context.room);
    this.timeline = new Timeline(context);
    this.people = new People(context);
    this.view = new ConnectionView(context, () => this.#live?.wake());
    this.history = new History(context, this.timeline, source, {
      lastSeq: () => this.#lastSeq,
      onTrouble: () => say(context, context.texts.say('HistoryFailed')),
    });
    this.latest = new Latest(context, this.timeline, () => this.history.toLatest());
    this.reading = new Reading(context, this.timeline, seq => this.#markRead(seq));
    const pending = new PendingList(context, {
      retry: nonce => this.sender.retry(nonce),
      rewrite: nonce => this.composer?.putBack(this.sender.discard(nonce)?.message ?? ''),
      discard: nonce => void this.sender.discard(nonce),
    });
    const shelf = new Shelf(`outbox:${context.me}:${context.room}`, browserStorage());
    this.sender = new Sender(context, new Outbox(shelf, { isKnown: context.isKnown }), {
      show: items => pending.show(items),
      failed: item => say(context, context.texts.say('Failed', item.message.slice(0, 40), item.reason ?? '')),
      lost: () => this.#live?.wake(),
    });
    this.polling = new Polling(source, {
      rev: () => this.cursor.rev,
      take: page => this.#takePage(page),
      works: () => this.#pollingWorks(),
      fails: status => this.#pollingFails(status),
    });
    window.addEventListener('storage', event => {
      const nonce = event.key === null ? undefined : shelf.nonceOf(event.key);
      if (event.key === null || nonce !== undefined) this.sender.sync(nonce);
    });
    this.composer = connectComposer(context, { send: text => this.#send(text), typing: () => this.#live?.send({ type: 'typing', room: context.room }), ...connectEditing(context, this.timeline) });
    connectKeys(context, this.timeline);
    connectRemoving(context, this.timeline);
    connectNotifyButton(context, words => say(context, words));
    this.missed = list ? undefined : new Missed(context, () => this.timeline.scroll.toBottom());
    const hasTarget = connectPermalinks(context, this.history, () => say(context, context.texts.say('NotFound')));
    this.#enter(hasTarget);
  }

  get #head() {
    return { seq: this.#lastSeq, epoch: this.cursor.epoch };
  }

  /** @param {Live} live */
  follow(live) {
    this.#live = live;
    live.join(this.context.room, {
      position: () => {
        this.cursor.expectCatchUp();
        return { after: this.cursor.rev, epoch: this.cursor.epoch };
      },
      receive: frame => this.#receive(frame),
    });
  }

  /** @param {State} state */
  connection(state) {
    if (this.#isOver) return;
    if (state.name === 'online') {
      this.polling.stop();
    } else if (!this.polling.isOn) {
      this.sender.close();
    }
    if (state.name === 'ended') {
      this.polling.stop();
      this.sender.close();
    }
    if (isOver(state)) this.#end();
    else if (state.name !== 'ended' && state.failures >= GIVE_UP_AFTER) this.polling.start();
    this.list?.connection(state, this.polling.isOn);
    if (!this.polling.isOn || state.name === 'online') this.view.show(state);
  }

  /** Takes the answer to a sent message. @param {Frame} frame */
  answer(frame) {
    if (frame.type === 'ack' && typeof frame['nonce'] === 'string') {
      this.#acked(/** @type {Ack} */ (/** @type {unknown} */ (frame)));
    } else if (frame.type === 'error' && typeof frame['nonce'] === 'string') {
      this.sender.refused({ nonce: frame['nonce'], code: String(frame['code']), message: String(frame['message']), retryMs: Number(frame['retry_ms']) || undefined });
    }
  }

  /** @param {Frame} frame */
  #receive(frame) {
    switch (frame.type) {
      case 'message':
        this.people.gone(String(frame['user']));
        this.#show(this.cursor.offer(/** @type {Message} */ (/** @type {unknown} */ (frame))));
        break;
      case 'subscribed':
        this.#catchUp(/** @type {Subscribed} */ (/** @type {unknown} */ (frame)));
        break;
      case 'heartbeat':
        if (this.cursor.isBehind(/** @type {Record<string, number>} */ (frame['rooms'])[this.context.room] ?? 0)) this.#mend();
        break;
      case 'typing':
        this.people.typing(String(frame['user']));
        break;
      case 'presence':
        this.people.present(frame);
        break;
      case 'read':
        this.#read(frame);
        break;
      case 'room':
        showRoom(this.context, frame);
        break;
      case 'error':
        if (frame['nonce'] === undefined) this.#lostRoom(String(frame['code']));
        break;
    }
    const isReading = document.visibilityState === 'visible' && this.timeline.scroll.isNearBottom && !this.timeline.slice.hasNewer;
    if (frame.type === 'message' && isReading) this.list?.readNow(this.context.room, this.#lastSeq);
    if (frame.type !== 'heartbeat' && frame.type !== 'error') this.list?.receive(this.context.room, frame);
  }

  /** @param {Subscribed} answer */
  #catchUp(answer) {
    const { reset, changes } = this.cursor.catchUp(answer);
    this.people.present(/** @type {Frame} */ (/** @type {unknown} */ (answer)));
    if (reset) {
      this.#lastSeq = answer.last_seq;
      this.timeline.replace(answer.messages, { hasOlder: (answer.messages[0]?.seq ?? 1) > 1, hasNewer: false });
      this.timeline.scroll.toBottom();
    }
    this.#show(changes);
    this.reading.connected(answer.last_read_seq);
    this.sender.open(this.#head, item => {
      this.#live?.send({ type: 'send', room: this.context.room, message: item.message, nonce: item.nonce });
    });
  }

  /** @param {Message[]} changes */
  #show(changes) {
    if (changes.length > 0) {
      const unseen = this.timeline.put(changes);
      for (const message of changes) {
        if (message.seq > this.#lastSeq) this.missed?.add(message);
        this.#lastSeq = Math.max(this.#lastSeq, message.seq);
      }
      this.sender.arrived(changes);
      this.latest.add(unseen.length);
    }
    if (this.cursor.hasGap) this.#mend();
  }

  /** Something is missing: asks again from the last revision, unless it comes in a moment. */
  #mend() {
    if (this.#gap !== undefined) return;
    const { rev } = this.cursor;
    this.#gap = setTimeout(() => {
      this.#gap = undefined;
      if (this.cursor.rev === rev || this.cursor.hasGap) this.#live?.subscribe(this.context.room);
    }, GAP_MS);
  }

  /** @param {string} text */
  #send(text) {
    this.sender.add(text, this.#head);
    void this.history.toLatest();
  }

  /** @param {Ack} ack */
  #acked(ack) {
    this.reading.sent(ack.seq);
    const shown = this.timeline.row(ack.seq);
    this.sender.acked(ack);
    if (shown) this.sender.arrived(this.timeline.slice.items.filter(message => message.seq === ack.seq));
  }

  /** @param {number} seq */
  #markRead(seq) {
    if (this.context.isGuest) return true;
    if (this.#live?.send({ type: 'read', room: this.context.room, seq })) return true;
    if (this.polling.isOn) void markReadByForm(location.pathname, seq).then(() => this.list?.readNow(this.context.room, seq));
    return this.polling.isOn;
  }

  /** @param {import('../wire.js').Page} page */
  #takePage(page) {
    // Another history: nothing on the page is of it. Drafts and the queue outlive the reload.
    if (page.epoch !== undefined && this.cursor.epoch !== undefined && page.epoch !== this.cursor.epoch) location.reload();
    else this.#show(this.cursor.poll(page));
    if (page.other_read_seq !== undefined) this.reading.otherRead(page.other_read_seq);
  }

  #pollingWorks() {
    this.view.show({ name: 'polling' });
    this.sender.open(this.#head, item => void this.#post(item));
  }

  /** @param {number | undefined} status */
  #pollingFails(status) {
    // A name nobody has used yet has no history to ask for: its first message is still to come.
    if (status === 404 && this.cursor.rev === 0) return this.#pollingWorks();
    this.sender.close();
    if (status === 401 || status === 403 || status === 404) {
      this.connection({ name: 'ended', failures: 0, code: status === 401 ? 4501 : 4503 });
    } else if (this.#live) {
      this.view.show(this.#live.state);
    }
  }

  /** @param {Pending} item */
  async #post(item) {
    const answer = await postByForm(location.pathname, item);
    if (answer === undefined) this.sender.close();
    else if ('ack' in answer) {
      this.#acked(answer.ack);
      this.polling.hurry();
    } else this.sender.refused(answer.refusal);
  }

  /** @param {Frame} frame */
  #read(frame) {
    const { context } = this;
    if (frame['user'] !== context.me || context.isGuest) return this.reading.otherRead(Number(frame['seq']));
    this.reading.readElsewhere(Number(frame['seq']));
    // Who reads along in an open room belongs to it from then on.
    if (context.timeline.dataset['member'] === 'false') void renewSide();
    context.timeline.dataset['member'] = 'true';
  }

  /** @param {string} code */
  #lostRoom(code) {
    this.#live?.leave(this.context.room);
    this.connection({ name: 'ended', failures: 0, code: code === 'bad_room' ? 4504 : 4503 });
  }

  /** The room is not there for the reader any more: nothing is promised, and what was written can be taken along. */
  #end() {
    this.#isOver = true;
    const words = this.context.texts.say('RoomOver');
    this.sender.end(words);
    this.composer?.end(words);
    this.people.end();
  }

  /** @param {boolean} hasTarget whether the address names a message */
  #enter(hasTarget) {
    const unread = this.context.timeline.querySelector('[data-slot="unread"]:not([hidden])')?.closest('li');
    if (!hasTarget && unread instanceof HTMLElement) this.timeline.scroll.showFrom(unread);
    this.reading.look();
    setInterval(() => this.timeline.renameDays(), 60_000);
  }
}
