import { csrfToken } from '../shared/csrf.js';
import { slot } from './context.js';

/** @typedef {import('./context.js').Context} Context */
/** @typedef {import('./timeline.js').Timeline} Timeline */

/**
 * Removing messages: asks, naming what, and leaves the rest to the room, which says it to everybody. Whose messages have the button is decided in bubbles.css by `data-removes`.
 * @param {Context} context @param {Timeline} timeline
 */
export function connectRemoving(context, timeline) {
  const dialog = context.root.querySelector('#removing');
  if (!(dialog instanceof HTMLDialogElement)) return;
  const error = slot(dialog, 'error');
  const act = /** @type {HTMLButtonElement} */ (slot(dialog, 'do'));
  /** @type {HTMLElement | undefined} */
  let row;

  context.timeline.addEventListener('click', event => {
    const button = event.target instanceof Element ? event.target.closest('[data-act="remove"]') : null;
    const clicked = button?.closest('li');
    if (!(clicked instanceof HTMLElement)) return;
    row = clicked;
    slot(dialog, 'name').textContent = slot(row, 'name').textContent;
    slot(dialog, 'text').textContent = slot(row, 'text').textContent;
    error.hidden = true;
    dialog.showModal();
  });

  act.addEventListener('click', async () => {
    if (!row) return;
    act.disabled = true;
    const words = await remove(context, Number(row.id.slice(1)));
    act.disabled = false;
    error.textContent = words ?? '';
    error.hidden = words === undefined;
    if (words !== undefined) return;
    dialog.close();
    // Its button is gone with its text.
    timeline.row(Number(row.dataset['seq']))?.focus({ preventScroll: true });
  });
}

/** @param {Context} context @param {number} id @returns {Promise<string | undefined>} why not */
async function remove(context, id) {
  try {
    const answer = await fetch(`/api/v1/rooms/${encodeURIComponent(context.room)}/messages/${id}`, { method: 'DELETE', headers: { 'X-CSRFToken': csrfToken() } });
    if (answer.ok) return undefined;
    const problem = /** @type {{ error?: string }} */ (await answer.json());
    return problem.error ?? context.texts.say('NotRemoved');
  } catch {
    return context.texts.say('NotRemoved');
  }
}
