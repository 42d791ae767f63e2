import { part } from './context.js';
import { EnterKey } from './enter-key.js';

/** @typedef {import('./context.js').Context} Context */

const TYPING_EVERY_MS = 3000;

/**
 * The field one writes in. It is never disabled, never rewritten while an input method composes, and keeps a draft a room.
 * @param {Context} context
 * @param {{ send(text: string): void, typing(): void, editLast(): boolean }} acts
 */
export function connectComposer(context, acts) {
  const form = context.root.querySelector('#composer');
  if (!(form instanceof HTMLFormElement)) return;
  const field = /** @type {HTMLTextAreaElement} */ (part(context.root, 'content'));
  const key = `draft:${context.me}:${context.room}`;
  const enter = new EnterKey();
  const touch = matchMedia('(pointer: coarse)');
  // The writer's own choice, or a keyboard that has no other way to break a line.
  const breaks = () => touch.matches || form.dataset['enter'] === 'break';
  let typingAt = -Infinity;

  field.addEventListener('compositionend', event => enter.compositionEnded(event.timeStamp));
  field.addEventListener('keydown', event => {
    // Up, with nothing written: back to what one has just said.
    if (event.key === 'ArrowUp' && field.value === '' && !event.isComposing && acts.editLast()) event.preventDefault();
    if (!enter.sends(event, breaks())) return;
    event.preventDefault();
    send();
  });
  field.addEventListener('input', () => {
    fit(field);
    keep(key, field.value);
    if (field.value.trim() === '' || performance.now() - typingAt < TYPING_EVERY_MS) return;
    typingAt = performance.now();
    acts.typing();
  });
  form.addEventListener('submit', event => {
    event.preventDefault();
    send();
  });
  if (field.value === '') field.value = kept(key);
  fit(field);
  // On a phone the keyboard would cover what one came to read.
  if (!touch.matches && location.hash === '') field.focus({ preventScroll: true });

  function send() {
    const text = field.value.trim();
    if (text !== '') acts.send(text);
    field.value = '';
    typingAt = -Infinity;
    keep(key, '');
    fit(field);
    field.focus({ preventScroll: true });
  }
}

/** Grows the field with its text where the style sheet cannot. @param {HTMLTextAreaElement} field */
function fit(field) {
  if (CSS.supports('field-sizing', 'content')) return;
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight + 2}px`;
}

/** @param {string} key @param {string} text */
function keep(key, text) {
  try {
    if (text === '') localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // No storage, no draft.
  }
}

/** @param {string} key */
function kept(key) {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}
