import { readWishes, tell } from '../shared/alerts.js';
import { keyOf } from '../shared/names.js';
import { Texts } from '../shared/texts.js';
import { countInTitle } from '../shared/title.js';
import { ListClock } from './list-clock.js';
import { OtherRooms } from './other-rooms.js';
import { byUrgency, RoomLine } from './room-line.js';
import { rowPainter } from './room-row.js';

/** @typedef {import('../wire.js').Frame} Frame */
/** @typedef {import('../wire.js').Message} Message */
/** @typedef {import('../shared/live.js').Live} Live */

const GAP_MS = 250;

/** The list of my rooms, kept up to date over the page's socket: unread counts, last lines, times, order. */
export class RoomList {
  /** @type {Map<string, { line: RoomLine, row: HTMLElement, gap?: ReturnType<typeof setTimeout> }>} */
  #rooms = new Map();
  #others;
  #all = false;
  /** Called after anything has changed. @type {(() => void)[]} */
  listeners = [];
  #clock = new ListClock(() => this.#fetch());

  /**
   * @param {HTMLElement} root
   * @param {{ open?: string | undefined }} page the room that is open on this page, whose frames the conversation passes on
   */
  constructor(root, page = {}) {
    this.root = root;
    const texts = Texts.of(root);
    this.open = page.open;
    this.wishes = readWishes(root.dataset);
    this.#others = new OtherRooms(root.dataset['me'] ?? '');
    this.paint = rowPainter(texts, root.dataset['timeZone'] ?? 'UTC');
    this.#adopt();
    root.querySelector('.room-row[aria-current=page]')?.scrollIntoView({ block: 'nearest' });
    root.addEventListener('click', event => {
      if (!(event.target instanceof Element) || !event.target.closest('[data-slot="all"]')) return;
      event.preventDefault();
      void this.#showAll({ focus: true });
    });
    root.addEventListener('focusin', event => {
      if (event.target instanceof Element && event.target.matches('[data-slot="filter"]')) void this.#showAll({ focus: false });
    });
  }

  /** Takes the rows of the page that are not followed yet. @returns {string[]} the names of their rooms */
  #adopt() {
    const { root } = this;
    const others = /** @type {HTMLElement | null} */ (root.querySelector('[data-others]'))?.dataset['others'];
    const fresh = this.#others.replace(others).filter(name => !this.#rooms.has(name));
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
        this.paint(known.row, known.line);
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

  /** The open page may have the room by another spelling. @param {string} name */
  #isOpen(name) {
    return this.open !== undefined && keyOf(name) === keyOf(this.open);
  }

  /** What the list calls a room that the open page has by its own spelling. @param {string} name */
  #listed(name) {
    return this.#rooms.has(name) || !this.#isOpen(name) ? name : [...this.#rooms.keys()].find(each => this.#isOpen(each)) ?? name;
  }

  /** @param {import('../shared/live.js').State} state of the page's socket @param {boolean} isPolling no socket can be had */
  connection(state, isPolling) {
    this.#clock.connection(state, isPolling);
  }

  /** @param {Live} live */
  follow(live) {
    this.live = live;
    for (const name of [...this.#rooms.keys(), ...this.#others.names]) this.#join(name);
  }

  /** A frame of a room that is not in the list, or not as mine: I was added to it, or began to read along. */
  refresh() {
    this.#clock.soon();
  }

  async #fetch() {
    const answer = await fetch(`/?handler=list&open=${encodeURIComponent(this.open ?? '')}&all=${this.#all}`, { credentials: 'same-origin' }).catch(() => undefined);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const rooms = page.querySelector('.room-scroll');
    if (!rooms) return;
    const { root } = this;
    const before = root.querySelector('.room-scroll');
    const top = before?.scrollTop ?? 0;
    before?.replaceWith(rooms);
    rooms.scrollTop = top;
    const fresh = this.#adopt();
    for (const [name, { row }] of this.#rooms) if (!root.contains(row)) this.#loseRow(name);
    for (const name of fresh) this.#join(name);
    // What is typed there holds for the new rows too.
    root.querySelector('[data-slot="filter"]')?.dispatchEvent(new Event('input'));
    this.#count();
    this.#changed();
  }

  /** Every room gets a row. @param {{ focus: boolean }} how */
  async #showAll({ focus }) {
    if (this.#all || this.#others.names.length === 0) return;
    this.#all = true;
    const known = new Set(this.#rooms.keys());
    await this.#fetch();
    if (!focus) return;
    const rows = /** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll('[data-room]'));
    [...rows].find(row => !known.has(row.dataset['room'] ?? ''))?.focus();
  }

  /** The room stands no longer among the first, or is none of mine any more. @param {string} name */
  #loseRow(name) {
    this.#rooms.delete(name);
    if (this.#others.has(name)) this.#join(name);
    else if (!this.#isOpen(name)) this.live?.leave(name);
  }

  /** @param {string} name */
  #join(name) {
    if (this.#isOpen(name)) return;
    this.live?.join(name, {
      position: () => {
        const cursor = this.#rooms.get(name)?.line.cursor;
        return { after: cursor?.rev ?? this.#others.rev(name), epoch: cursor ? cursor.epoch : this.root.dataset['epoch'] || undefined };
      },
      receive: frame => this.receive(name, frame),
    });
  }

  /** A frame of a room without a row. @param {string} name @param {Frame} frame */
  #receiveOther(name, frame) {
    if (frame.type === 'error') {
      this.#others.delete(name);
      this.live?.leave(name);
    } else if (this.#others.moves(name, frame)) {
      // With more unread rooms than rows it may not get one, and would ask again at once.
      this.#clock.seldom();
    }
  }

  /** The reader is looking at the end of the open room: what comes there is read. @param {string} name @param {number} seq */
  readNow(name, seq) {
    name = this.#listed(name);
    const me = this.root.dataset['me'];
    if (this.#rooms.has(name)) this.receive(name, { type: 'read', room: name, user: me, seq });
  }

  /** @param {string} name @param {Frame} frame of this room, or a heartbeat */
  receive(name, frame) {
    name = this.#listed(name);
    const room = this.#rooms.get(name);
    if (!room && this.#others.has(name)) {
      this.#receiveOther(name, frame);
      return;
    }
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
    this.paint(room.row, room.line);
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
    if (!room || room.gap !== undefined || this.#isOpen(name)) return;
    const { rev } = room.line.cursor;
    room.gap = setTimeout(() => {
      delete room.gap;
      if (room.line.cursor.rev === rev || room.line.cursor.hasGap) this.live?.subscribe(name);
    }, GAP_MS);
  }

  /** @param {string} name @param {HTMLElement} row @param {Message} message */
  #notify(name, row, message) {
    const title = row.querySelector('.room-name')?.textContent?.trim() ?? name;
    tell(message, this.wishes, {
      room: name,
      title,
      isChat: row.dataset['chat'] !== undefined,
      isOpen: this.#isOpen(name),
      open: () => { if (!this.#isOpen(name)) location.assign(/** @type {HTMLAnchorElement} */ (row).href); },
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
    let { unread } = this.#others;
    for (const { line } of this.#rooms.values()) unread += line.unread;
    countInTitle(unread);
    for (const badge of /** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll('[data-slot="group-unread"]'))) {
      let sum = 0;
      for (const { row, line } of this.#rooms.values()) if (badge.closest('section')?.contains(row)) sum += line.unread;
      badge.hidden = sum === 0;
      badge.textContent = sum > 99 ? '99+' : String(sum);
    }
  }
}

/** The list on this page, if it has one. @param {{ open?: string }} [page] */
export function findRoomList(page) {
  const root = document.getElementById('room-list');
  return root ? new RoomList(root, page) : undefined;
}
