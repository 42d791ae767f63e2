import { part, slot } from './context.js';

const SHOWN_MS = 6000;

/** Says something for a moment, to everybody and not to screen readers alone. @param {import('./context.js').Context} context @param {string} words */
export function say(context, words) {
  part(context.root, 'status').textContent = words;
  const toast = part(context.root, 'toast');
  slot(toast, 'words').textContent = words;
  toast.hidden = false;
  setTimeout(() => { if (slot(toast, 'words').textContent === words) toast.hidden = true; }, SHOWN_MS);
}
