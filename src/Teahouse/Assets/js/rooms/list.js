import { notify } from '../shared/notifications.js';
import { Texts } from '../shared/texts.js';
import { countInTitle } from '../shared/title.js';
import { sayEvent } from '../conversation/events.js';
import { Days } from '../conversation/grouping.js';
import { byUrgency, RoomLine } from './room-line.js';

/** @typedef {import('../wire.js').Frame} Frame */
/** @typedef {import('../wire.js').Message} Message */
/** @typedef {import('../shared/live.js').Live} Live */

const GAP_MS = 250;
const REFRESH_MS = 300;
const POLL_MS = 5000;

/** The list of my rooms, kept up to date over the page's socket: unread counts, last lines, times, order. */
export class RoomList {
  /** @type {Map<string, { line: RoomLine, row: HTMLElement, gap?: ReturnType<typeof setTimeout> }>} */
  #rooms = new Map();
  /** Called after anything has changed. @type {(() => void)[]} */
  listeners = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #refresh;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #poll;

  /**
   * @param {HTMLElement} root
   * @param {{ open?: string | undefined }} page the room that is open on this page, whose frames the conversation passes on
   */
  constructor(root, page = {}) {
    this.root = root;
    this.texts = Texts.of(root);
    this.open = page.open;
    const language = document.documentElement.lang;
    const timeZone = root.dataset['timeZone'] ?? 'UTC';
    this.clock = new Intl.DateTimeFormat(language, { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    this.dates = new Intl.DateTimeFormat(language, { timeZone, month: 'numeric', day: 'numeric' });
    this.days = new Days(timeZone);
    this.#adopt();
  }

  /** Takes the rows of the page that are not followed yet. @returns {string[]} the names of their rooms */
  #adopt() {
    const { root } = this;
    /** @type {string[]} */
    const fresh = [];
    for (const row of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-room]'))) {
      const { dataset } = row;
      const name = dataset['room'] ?? '';
      const known = this.#rooms.get(name);
      if (known) {
        known.row = row;
        // Of what no socket brought the server's row is the only news.
        const { line } = known;
        if (Number(dataset['rev']) > line.cursor.rev) known.line = this.#lineOf(dataset);
        // What was read on either side is read.
        known.line.take({ type: 'read', room: name, user: line.me, seq: Math.max(line.readSeq, Number(dataset['readSeq'])) });
        this.#paint(known);
        continue;
      }
      fresh.push(name);
      this.#rooms.set(name, { row, line: this.#lineOf(dataset) });
    }
    this.#count();
    return fresh;
  }

  /** @param {DOMStringMap} row */
  #lineOf(row) {
    const page = this.root.dataset;
    return new RoomLine({
      me: page['me'] ?? '',
      rev: Number(row['rev']),
      epoch: page['epoch'] || undefined,
      lastSeq: Number(row['lastSeq']),
      readSeq: Number(row['readSeq']),
      unread: Number(row['unread']),
      at: Number(row['at']),
    });
  }

  /** Asks for the list every few seconds, while no WebSocket can be had. @param {boolean} isOn */
  poll(isOn) {
    if (isOn === (this.#poll !== undefined)) return;
    clearInterval(this.#poll);
    this.#poll = isOn ? setInterval(() => this.refresh(), POLL_MS) : undefined;
    if (isOn) this.refresh();
  }

  /** @param {Live} live */
  follow(live) {
    this.live = live;
    for (const name of this.#rooms.keys()) this.#join(name);
  }

  /** A frame of a room that is not in the list, or not as mine: I was added to it, or began to read along. */
  refresh() {
    this.#refresh ??= setTimeout(async () => {
      this.#refresh = undefined;
      const answer = await fetch(`/?handler=list&open=${encodeURIComponent(this.open ?? '')}`, { credentials: 'same-origin' }).catch(() => undefined);
      if (!answer?.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const rooms = page.querySelector('.room-scroll');
      if (!rooms) return;
      this.root.querySelector('.room-scroll')?.replaceWith(rooms);
      for (const name of this.#adopt()) this.#join(name);
      this.#changed();
    }, REFRESH_MS);
  }

  /** @param {string} name */
  #join(name) {
    const room = this.#rooms.get(name);
    if (!room || name === this.open) return;
    this.live?.join(name, {
      position: () => ({ after: room.line.cursor.rev, epoch: room.line.cursor.epoch }),
      receive: frame => this.receive(name, frame),
    });
  }

  /** The reader is looking at the end of the open room: what comes there is read. @param {string} name @param {number} seq */
  readNow(name, seq) {
    const me = this.root.dataset['me'];
    if (this.#rooms.has(name)) this.receive(name, { type: 'read', room: name, user: me, seq });
  }

  /** @param {string} name @param {Frame} frame of this room, or a heartbeat */
  receive(name, frame) {
    const room = this.#rooms.get(name);
    if (!room) {
      if (frame.type === 'read' && frame['user'] === this.root.dataset['me']) this.refresh();
      return;
    }
    if (frame.type === 'heartbeat') {
      const head = /** @type {Record<string, number>} */ (frame['rooms'])[name];
      if (head !== undefined && room.line.cursor.isBehind(head)) this.#mend(name);
      return;
    }
    if (frame.type === 'error') {
      this.#drop(name);
      return;
    }
    if (frame.type === 'room' && typeof frame['title'] === 'string') {
      const title = room.row.querySelector('[data-slot="title"]');
      if (title) title.textContent = frame['title'];
      return;
    }
    const news = room.line.take(frame);
    if (room.line.cursor.hasGap) this.#mend(name);
    for (const message of news) this.#notify(name, room.row, message);
    this.#paint(room);
    this.#order();
    this.#count();
    this.#changed();
  }

  #changed() {
    for (const listener of this.listeners) listener();
  }

  /** Asks for what is missing, unless it comes in a moment. @param {string} name */
  #mend(name) {
    const room = this.#rooms.get(name);
    // The open room's conversation mends itself, and the list with it.
    if (!room || room.gap !== undefined || name === this.open) return;
    const { rev } = room.line.cursor;
    room.gap = setTimeout(() => {
      delete room.gap;
      if (room.line.cursor.rev === rev || room.line.cursor.hasGap) this.live?.subscribe(name);
    }, GAP_MS);
  }

  /** @param {{ line: RoomLine, row: HTMLElement }} room */
  #paint({ line, row }) {
    row.classList.toggle('is-unread', line.unread > 0);
    const badge = /** @type {HTMLElement} */ (row.querySelector('.badge'));
    badge.hidden = line.unread === 0;
    badge.textContent = line.unread > 99 ? '99+' : String(line.unread);
    const spoken = row.querySelector('[data-slot="unread"]');
    if (spoken) spoken.textContent = line.unread > 0 ? this.texts.count('Unread', line.unread) : '';
    if (!line.last) return;
    const last = row.querySelector('[data-slot="last"]');
    if (last) last.textContent = this.#say(line.last);
    const time = /** @type {HTMLTimeElement | null} */ (row.querySelector('time'));
    if (time) {
      const at = new Date(line.last.timestamp);
      time.dateTime = line.last.timestamp;
      time.textContent = (this.days.of(at) === this.days.of(Date.now()) ? this.clock : this.dates).format(at);
    }
  }

  /** @param {Message} message */
  #say(message) {
    if (message.deleted) return this.texts.say('Deleted');
    if (message.kind === 'system') return sayEvent(message, this.texts);
    return this.texts.say('LastLine', `\u2068${message.display_name || message.user}\u2069`, message.message);
  }

  /** @param {string} name @param {HTMLElement} row @param {Message} message */
  #notify(name, row, message) {
    if (message.kind !== 'text' || message.deleted) return;
    const title = row.querySelector('.room-name')?.textContent?.trim() ?? name;
    notify({
      title: `${message.display_name || message.user} · ${title}`,
      text: message.message,
      tag: `${name}#${message.seq}`,
      open: () => { if (name !== this.open) location.assign(/** @type {HTMLAnchorElement} */ (row).href); },
    });
  }

  /** Puts rows into their order, moving only those out of place. */
  #order() {
    for (const list of this.root.querySelectorAll('[data-slot="rooms"]')) {
      const rooms = [...this.#rooms.values()].filter(({ row }) => list.contains(row)).sort((a, b) => byUrgency(a.line, b.line));
      rooms.forEach(({ row }, index) => {
        const entry = row.closest('li');
        if (!entry || list.children[index] === entry) return;
        const hadFocus = row === document.activeElement;
        list.insertBefore(entry, list.children[index] ?? null);
        if (hadFocus) row.focus();
      });
    }
  }

  /** @param {string} name */
  #drop(name) {
    this.live?.leave(name);
    this.#rooms.get(name)?.row.closest('li')?.remove();
    this.#rooms.delete(name);
    this.#count();
    this.#changed();
  }

  #count() {
    let unread = 0;
    for (const { line } of this.#rooms.values()) unread += line.unread;
    countInTitle(unread);
  }
}

/** The list on this page, if it has one. @param {{ open?: string }} [page] */
export function findRoomList(page) {
  const root = document.getElementById('room-list');
  return root ? new RoomList(root, page) : undefined;
}
