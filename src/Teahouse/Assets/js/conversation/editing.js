import { ask } from './ask.js';
import { slot } from './context.js';
import { EnterKey } from './enter-key.js';

/** @typedef {import('./context.js').Context} Context */
/** @typedef {import('./timeline.js').Timeline} Timeline */

/**
 * Editing what one has said oneself: its words in a field, and the rest is the room's, which says it to everybody. Whose messages have the button is decided in
 * bubbles.css by `data-edits`.
 * @param {Context} context @param {Timeline} timeline
 * @returns {{ editLast(): boolean }} what the composer needs: begins to edit the last own message that is shown, if there is one
 */
export function connectEditing(context, timeline) {
  const dialog = context.root.querySelector('#editing');
  if (!(dialog instanceof HTMLDialogElement)) return { editLast: () => false };
  const form = /** @type {HTMLFormElement} */ (slot(dialog, 'form'));
  const field = /** @type {HTMLTextAreaElement} */ (slot(dialog, 'field'));
  const error = slot(dialog, 'error');
  const act = /** @type {HTMLButtonElement} */ (slot(dialog, 'do'));
  const enter = new EnterKey();
  const touch = matchMedia('(pointer: coarse)');
  const composer = context.root.querySelector('#composer');
  const breaks = () => touch.matches || (composer instanceof HTMLElement && composer.dataset['enter'] === 'break');
  /** @type {HTMLElement | undefined} */
  let row;

  context.timeline.addEventListener('click', event => {
    const button = event.target instanceof Element ? event.target.closest('[data-act="edit"]') : null;
    const clicked = button?.closest('li');
    if (clicked instanceof HTMLElement) edit(clicked);
  });
  field.addEventListener('compositionend', event => enter.compositionEnded(event.timeStamp));
  field.addEventListener('keydown', event => {
    if (!enter.sends(event, breaks())) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener('submit', async event => {
    event.preventDefault();
    if (!row || act.disabled) return;
    act.disabled = true;
    const words = await ask(context, 'PATCH', `messages/${row.id.slice(1)}`, 'NotEdited', { message: field.value });
    act.disabled = false;
    error.textContent = words ?? '';
    error.hidden = words === undefined;
    if (words !== undefined) return;
    dialog.close();
    timeline.row(Number(row.dataset['seq']))?.focus({ preventScroll: true });
  });

  /** @param {HTMLElement} chosen */
  function edit(chosen) {
    row = chosen;
    field.value = slot(row, 'text').textContent ?? '';
    error.hidden = true;
    /** @type {HTMLDialogElement} */ (dialog).showModal();
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  return {
    editLast() {
      const own = [...context.timeline.querySelectorAll('.msg-own:not(.msg-deleted, .msg-system)')].at(-1);
      if (!(own instanceof HTMLElement)) return false;
      edit(own);
      return true;
    },
  };
}
