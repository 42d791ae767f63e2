import { part } from './context.js';

/** @typedef {import('./context.js').Context} Context */
/** @typedef {import('./timeline.js').Timeline} Timeline */

/**
 * Arrow keys go from message to message, Home and End to the ends of what is shown, Escape back to writing.
 * @param {Context} context @param {Timeline} timeline
 */
export function connectKeys(context, timeline) {
  const box = part(context.root, 'scroller');
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
