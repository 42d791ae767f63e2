import { part } from './context.js';
import { EnterKey } from './enter-key.js';
import { roomLeft } from './text-length.js';

/** @typedef {import('./context.js').Context} Context */

const TYPING_EVERY_MS = 3000;
/** Characters left from which on they are counted. */
const NEAR_LIMIT = 200;

/**
 * The field one writes in. It is never disabled while the room is there, never rewritten while an input method composes, and keeps a draft a room.
 * @param {Context} context
 * @param {{ send(text: string): void, typing(): void, editLast(): boolean }} acts
 * @returns {{ putBack(text: string): void, end(words: string): void } | undefined} undefined where nothing can be written
 */
export function connectComposer(context, acts) {
  const form = context.root.querySelector('#composer');
  if (!(form instanceof HTMLFormElement)) return undefined;
  const field = /** @type {HTMLTextAreaElement} */ (part(context.root, 'content'));
  const key = `draft:${context.me}:${context.room}`;
  const enter = new EnterKey();
  // Nothing to send needs no word about it.
  form.noValidate = true;
  const counter = part(context.root, 'composer-count');
  const maxChars = Number(form.dataset['maxChars']);
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
    count();
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
  count();
  // On a phone the keyboard would cover what one came to read.
  if (!touch.matches && location.hash === '') field.focus({ preventScroll: true });

  function send() {
    const text = field.value.trim();
    field.focus({ preventScroll: true });
    // Said below the field, where what is too long can be shortened.
    if (!count()) return;
    if (text !== '') acts.send(text);
    typingAt = -Infinity;
    write('');
  }

  /** @param {string} text */
  function write(text) {
    field.value = text;
    keep(key, text);
    fit(field);
    count();
  }

  /** Says how much may still be written, once that is little. @returns {boolean} whether it can be sent */
  function count() {
    // The room is over, which is what the counter's place says.
    if (field.readOnly) return false;
    const left = roomLeft(field.value, maxChars);
    const isOver = left < 0;
    counter.hidden = left > NEAR_LIMIT;
    counter.classList.toggle('is-over', isOver);
    counter.textContent = counter.hidden ? '' : context.texts.count(isOver ? 'CharsOver' : 'CharsLeft', Math.abs(left));
    if (isOver) field.setAttribute('aria-invalid', 'true');
    else field.removeAttribute('aria-invalid');
    return !isOver;
  }

  return {
    putBack(text) {
      write(field.value.trim() === '' ? text : `${text}\n${field.value}`);
      field.focus({ preventScroll: true });
    },
    end(words) {
      field.readOnly = true;
      form.dataset['ended'] = '';
      /** @type {HTMLElement} */ (form.querySelector('.composer-send')).hidden = true;
      counter.hidden = false;
      counter.textContent = words;
    },
  };
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
