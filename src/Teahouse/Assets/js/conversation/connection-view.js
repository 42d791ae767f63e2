import { part, slot } from './context.js';

/** @typedef {import('../shared/live.js').State} State */
/** @typedef {import('./context.js').Context} Context */

/** Short breaks heal before anybody needs to know. */
const QUIET_MS = 3000;

/** Says in words and colour how the connection is; as a banner only when it stays broken. */
export class ConnectionView {
  #banner;
  #state;
  #status;
  /** @type {State | { name: 'polling' }} */
  #now = { name: 'connecting', failures: 0 };
  #since = performance.now();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #tick;

  /** @param {Context} context @param {() => void} retry */
  constructor(context, retry) {
    this.texts = context.texts;
    this.#banner = part(context.root, 'banner');
    this.#state = part(context.root, 'link-state');
    this.#status = part(context.root, 'status');
    slot(this.#banner, 'retry').addEventListener('click', retry);
    this.#watch();
  }

  /** @param {State | { name: 'polling' }} state */
  show(state) {
    const wasFine = isFine(this.#now);
    if (wasFine && !isFine(state)) this.#since = performance.now();
    this.#now = state;
    this.#state.dataset['state'] = state.name;
    slot(this.#state, 'words').textContent = this.texts.say({
      connecting: 'Connecting', online: 'Online', waiting: 'Waiting', offline: 'Offline', ended: 'Ended', polling: 'Polling',
    }[state.name]);
    if (state.name === 'online' && !this.#banner.hidden) this.#status.textContent = this.texts.say('Back');
    if (state.name === 'online') {
      clearInterval(this.#tick);
      this.#tick = undefined;
    } else {
      this.#watch();
    }
    this.#paint();
  }

  #watch() {
    this.#tick ??= setInterval(() => this.#paint(), 500);
  }

  #paint() {
    const state = this.#now;
    const isBroken = !isFine(state) && performance.now() - this.#since >= QUIET_MS;
    const isShown = isBroken || state.name === 'ended' || state.name === 'polling';
    const words = this.#words();
    const line = slot(this.#banner, 'words');
    if (isShown && this.#banner.hidden) this.#status.textContent = words;
    this.#banner.hidden = !isShown;
    if (line.textContent !== words) line.textContent = words;
    slot(this.#banner, 'retry').hidden = state.name === 'ended' || state.name === 'connecting';
    slot(this.#banner, 'login').hidden = !(state.name === 'ended' && state.code === 4501);
    slot(this.#banner, 'home').hidden = !isOver(state);
  }

  #words() {
    const state = this.#now;
    switch (state.name) {
      case 'waiting':
        return this.texts.count('Banner.Waiting', Math.max(1, Math.ceil(((state.retryAt ?? 0) - Date.now()) / 1000)));
      case 'offline':
        return this.texts.say('Banner.Offline');
      case 'polling':
        return this.texts.say('Banner.Polling');
      case 'ended': {
        const key = `Banner.${state.code}`;
        return this.texts.say(key in this.texts.words ? key : 'Banner.Ended');
      }
      default:
        return this.texts.say('Banner.Connecting');
    }
  }
}

/** The room is not there for the reader any more. @param {{ name: string, code?: number | undefined }} state */
export function isOver(state) {
  return state.name === 'ended' && (state.code === 4503 || state.code === 4504);
}

/** @param {{ name: string }} state */
function isFine(state) {
  return state.name === 'online' || state.name === 'polling';
}
