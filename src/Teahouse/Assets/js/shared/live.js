import { backoffMs } from './backoff.js';
import { keyOf } from './names.js';

/** @typedef {import('../wire.js').Frame} Frame */

/**
 * @typedef {{
 *   name: 'connecting' | 'online' | 'waiting' | 'offline' | 'ended',
 *   failures: number,
 *   retryAt?: number,
 *   code?: number,
 * }} State `waiting`: the next attempt is at `retryAt`; `ended`: the server said not to come back, by close code `code`
 */

/**
 * @typedef {{
 *   position(): { after?: number | undefined, epoch?: string | undefined },
 *   receive(frame: Frame): void,
 * }} Room what a page does with one room: where it stands, and its frames
 */

/** Failures to connect before the socket counts as not to be had. */
export const GIVE_UP_AFTER = 3;

const OPEN_WITHIN_MS = 10_000;
const ANSWER_WITHIN_MS = 4000;
/** Heartbeats that may be missed before the connection counts as dead. */
const SILENCE = 2.5;
/** Refusals that pass by waiting. */
const PASSING = new Set(['rate_limited', 'busy']);
const SUBPROTOCOL = 'teahouse.v1';
/** Until a refused room is asked for again, where the server does not say when. */
const WAIT_MS = 1000;
const LONGEST_WAIT_MS = 120_000;

/**
 * One socket for all rooms of a page. It comes back by itself with full-jitter waits, checks at once when the device wakes
 * or the network returns, and subscribes every room again from where the room stands. It keeps no messages.
 */
export class Live {
  /** @type {State} */
  state = { name: 'connecting', failures: 0 };

  /** By key. @type {Map<string, { name: string, room: Room, refusals: number }>} */
  #rooms = new Map();
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #timers = new Map();
  #failures = 0;
  /** @type {number | undefined} when the first of these failures was */
  #awaySince;
  #heartbeatMs = 20_000;
  /** @type {number | undefined} */
  #drainMs;

  /**
   * @param {string} url
   * @param {{ onState(state: State): void, onFrame?(frame: Frame): void, onOtherRoom?(frame: Frame): void, WebSocket?: typeof WebSocket, random?: () => number, isOnline?: () => boolean }} options
   */
  constructor(url, options) {
    this.url = url;
    this.options = options;
  }

  get isOnline() {
    return this.state.name === 'online';
  }

  start() {
    this.#connect();
  }

  /** Follows a room from now on. @param {string} name @param {Room} room */
  join(name, room) {
    this.#rooms.set(keyOf(name), { name, room, refusals: 0 });
    if (this.isOnline) this.subscribe(name);
  }

  /** @param {string} name */
  leave(name) {
    if (this.#rooms.delete(keyOf(name))) this.send({ type: 'unsubscribe', room: name });
  }

  /** Asks for what changed since the room's position. @param {string} name */
  subscribe(name) {
    const joined = this.#rooms.get(keyOf(name));
    if (joined) this.send({ type: 'subscribe', room: joined.name, ...joined.room.position() });
  }

  /** @param {Frame} frame @returns {boolean} whether it was put on the wire; not whether it arrived */
  send(frame) {
    if (!this.isOnline || this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** The device woke, the network is back or the reader asks: find out now instead of at the next wait's end. */
  wake() {
    if (this.state.name === 'ended') return;
    if (this.isOnline) {
      this.send({ type: 'ping' });
      this.#after('answer', ANSWER_WITHIN_MS, () => this.#lose());
    } else if (this.state.name !== 'connecting') {
      this.#connect();
    }
  }

  /** The browser says that there is no network. Attempts go on, slowly: it may be wrong. */
  wentOffline() {
    if (this.state.name !== 'ended') this.wake();
  }

  #connect() {
    this.#clear();
    this.#drainMs = undefined;
    this.#tell({ name: 'connecting', failures: this.#failures });
    const Socket = this.options.WebSocket ?? WebSocket;
    const socket = new Socket(this.url, SUBPROTOCOL);
    this.#socket = socket;
    this.#after('open', OPEN_WITHIN_MS, () => this.#lose());
    socket.onmessage = event => { if (socket === this.#socket) this.#receive(String(event.data)); };
    socket.onclose = event => { if (socket === this.#socket) this.#closed(event.code); };
  }

  /** @param {string} text */
  #receive(text) {
    /** @type {Frame} */
    const frame = JSON.parse(text);
    this.#clear('answer');
    this.#after('silence', this.#heartbeatMs * SILENCE, () => this.#lose());
    if (frame.type === 'hello') {
      if (typeof frame['heartbeat_s'] === 'number') this.#heartbeatMs = frame['heartbeat_s'] * 1000;
      this.#clear('open');
      this.#failures = 0;
      this.#awaySince = undefined;
      this.#tell({ name: 'online', failures: 0 });
      for (const { name } of this.#rooms.values()) this.subscribe(name);
    } else if (frame.type === 'drain') {
      this.#drainMs = Number(frame['retry_ms']) || 0;
    }
    this.options.onFrame?.(frame);
    if (frame.type === 'error' && frame.room !== undefined && frame['nonce'] === undefined && PASSING.has(String(frame['code']))) {
      // Many rooms at once, or a busy server: this one's turn comes later.
      const { room } = frame;
      setTimeout(() => this.subscribe(room), this.#waitMs(room, frame));
      return;
    }
    if (frame.type === 'heartbeat') {
      this.#beat(frame);
    } else if (frame.room !== undefined) {
      const joined = this.#rooms.get(keyOf(frame.room));
      if (joined && frame.type === 'subscribed') joined.refusals = 0;
      if (joined) joined.room.receive(frame);
      else if (frame.type !== 'error') this.options.onOtherRoom?.(frame);
    }
  }

  /**
   * How long to leave a refused room alone. A busy server is asked steadily, to be back as soon as it is; one room too many for this
   * connection is refused each time, and asked for twice as seldom each time.
   * @param {string} name @param {Frame} refusal
   */
  #waitMs(name, refusal) {
    const asked = Number(refusal['retry_ms']) || WAIT_MS;
    const joined = this.#rooms.get(keyOf(name));
    return joined && refusal['code'] !== 'busy' ? Math.min(LONGEST_WAIT_MS, asked * 2 ** joined.refusals++) : asked;
  }

  /** Each room gets the heartbeat with the names that the page uses. @param {Frame} frame */
  #beat(frame) {
    /** @type {Record<string, number>} */
    const rooms = {};
    let hasOther = false;
    for (const [name, rev] of Object.entries(/** @type {Record<string, number>} */ (frame['rooms']))) {
      const joined = this.#rooms.get(keyOf(name));
      if (joined) rooms[joined.name] = rev;
      else hasOther = true;
    }
    for (const { room } of this.#rooms.values()) room.receive({ ...frame, rooms });
    // Something new in a room that is not followed here.
    if (hasOther) this.options.onOtherRoom?.(frame);
  }

  /** Gives a silent connection up without waiting for its closing handshake. */
  #lose() {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.#closed(1006);
  }

  /** @param {number} code */
  #closed(code) {
    this.#socket = undefined;
    this.#clear();
    if (code >= 4500 && code < 4600) {
      this.#tell({ name: 'ended', failures: this.#failures, code });
      return;
    }
    const drained = this.#drainMs;
    if (drained === undefined) this.#failures++;
    this.#awaySince ??= Date.now();
    const wait = drained ?? backoffMs(Date.now() - this.#awaySince, this.options.random);
    const offline = this.options.isOnline && !this.options.isOnline();
    this.#tell({ name: offline ? 'offline' : 'waiting', failures: this.#failures, retryAt: Date.now() + wait, code });
    this.#after('retry', wait, () => this.#connect());
  }

  /** @param {State} state */
  #tell(state) {
    this.state = state;
    this.options.onState(state);
  }

  /** @param {string} name @param {number} ms @param {() => void} act */
  #after(name, ms, act) {
    clearTimeout(this.#timers.get(name));
    this.#timers.set(name, setTimeout(act, ms));
  }

  /** @param {string} [name] all when left out */
  #clear(name) {
    for (const [each, timer] of this.#timers) if (name === undefined || each === name) clearTimeout(timer);
  }
}

/** Lets the browser's own signs wake the connection. @param {Live} live */
export function followBrowser(live) {
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') live.wake(); });
  window.addEventListener('online', () => live.wake());
  window.addEventListener('offline', () => live.wentOffline());
  window.addEventListener('pageshow', event => { if (event.persisted) live.wake(); });
}

/** The address of this site's socket. */
export function liveUrl() {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/`;
}
