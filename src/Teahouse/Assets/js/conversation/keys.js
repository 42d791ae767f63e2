import { part } from './context.js';

/** @typedef {import('./context.js').Context} Context */
/** @typedef {import('./timeline.js').Timeline} Timeline */

/**
 * Arrow keys go from message to message, Home and End to the ends of what is shown, Escape back to writing. What belongs to a message (its
 * link, its buttons) can be reached by Tab from it alone: hundreds of stops would be in the way of all others.
 * @param {Context} context @param {Timeline} timeline
 */
export function connectKeys(context, timeline) {
  const box = part(context.root, 'scroller');
  for (const stop of stopsIn(context.timeline)) stop.tabIndex = -1;
  for (const [type, tabIndex] of /** @type {const} */ ([['focusin', 0], ['focusout', -1]])) {
    context.timeline.addEventListener(type, event => {
      const row = event.target instanceof Element ? event.target.closest('li') : null;
      if (row) for (const stop of stopsIn(row)) stop.tabIndex = tabIndex;
    });
  }
  box.addEventListener('keydown', event => {
    if (event.target !== box && !(event.target instanceof HTMLLIElement)) return;
    const rows = /** @type {HTMLElement[]} */ ([...context.timeline.children]);
    const at = rows.indexOf(/** @type {HTMLElement} */ (event.target));
    const visible = timeline.scroll.lastVisible();
    /** @type {Record<string, HTMLElement | undefined>} */
    const goals = {
      ArrowUp: at < 0 ? visible : rows[at - 1],
      ArrowDown: at < 0 ? visible : rows[at + 1],
      Home: rows[0],
      End: rows.at(-1),
    };
    if (event.key === 'Escape') {
      context.root.querySelector('textarea')?.focus();
      event.preventDefault();
      return;
    }
    const goal = goals[event.key];
    if (!goal) return;
    event.preventDefault();
    goal.focus({ preventScroll: true });
    goal.scrollIntoView({ block: 'nearest' });
  });
}

/** @param {Element} within */
function stopsIn(within) {
  return /** @type {NodeListOf<HTMLElement>} */ (within.querySelectorAll('.msg-time, .msg-act'));
}
