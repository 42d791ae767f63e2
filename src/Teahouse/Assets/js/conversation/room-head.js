import { renameInTitle } from '../shared/title.js';
import { part } from './context.js';

/** @typedef {import('../wire.js').Frame} Frame */
/** @typedef {import('./context.js').Context} Context */

/**
 * Shows what a room is called, what it is about and who may come in, everywhere on its page.
 * @param {Context} context @param {Frame} frame of type `room`; says only what changed
 */
export function showRoom(context, frame) {
  const { title, topic, access, archived } = frame;
  if (typeof title === 'string') rename(context, title || context.room);
  if (typeof topic === 'string') {
    part(context.root, 'topic').textContent = topic;
    for (const [place, words] of Object.entries({ 'side-topic': topic, 'side-no-topic': topic === '' ? undefined : '' })) {
      const line = inSide(place);
      if (!line) continue;
      line.hidden = words === '';
      if (words) line.textContent = words;
    }
  }
  if (typeof access === 'string') {
    for (const line of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('#side [data-access]'))) line.hidden = line.dataset['access'] !== access;
  }
  // Whether one may write is in the page's markup.
  const isOpen = context.root.querySelector('#composer') !== null;
  if (typeof archived === 'boolean' && archived === isOpen) location.reload();
}

/** @param {Context} context @param {string} title */
function rename(context, title) {
  const heading = context.root.querySelector('[data-slot="title"]');
  if (!heading || heading.textContent === title) return;
  renameInTitle(heading.textContent ?? '', title);
  heading.textContent = title;
  context.title = title;
  // A chat is called after whom it is with.
  const beginning = heading.closest('h1') ? context.root.querySelector('#beginning bdi') : null;
  if (beginning) beginning.textContent = title;
}

/**
 * Fetches what the side pane says now: who only read along has become a member meanwhile.
 * @returns {Promise<void>}
 */
export async function renewSide() {
  const answer = await fetch(location.pathname, { credentials: 'same-origin' }).catch(() => undefined);
  if (!answer?.ok || answer.redirected) return;
  const side = document.getElementById('side');
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('side');
  if (!side || !fresh) return;
  // The bar stays: it may have the focus.
  for (const old of side.querySelectorAll(':scope > :not(.bar)')) old.remove();
  side.append(...fresh.querySelectorAll(':scope > :not(.bar)'));
}

/** @param {string} name */
function inSide(name) {
  return /** @type {HTMLElement | null} */ (document.querySelector(`#side [data-slot="${name}"]`));
}
