/** Safari sends the Enter that confirmed a candidate right after `compositionend`, not marked as composing. */
const AFTER_COMPOSITION_MS = 100;
const PROCESSED_BY_IME = 229;

/**
 * Tells an Enter that is meant for the program from one that confirms an input method's candidate. One instance watches one
 * field; times are those of events (`timeStamp`).
 */
export class EnterKey {
  #composedAt = -Infinity;

  /** @param {number} timeStamp of a `compositionend` */
  compositionEnded(timeStamp) {
    this.#composedAt = timeStamp;
  }

  /**
   * Whether a key press is an Enter of the writer's own.
   * @param {Pick<KeyboardEvent, 'key' | 'keyCode' | 'isComposing' | 'timeStamp'>} event
   */
  isPressed(event) {
    if (event.isComposing) return false;
    // A bare 229 is what some keyboards send for every key, so only its nearness to a composition speaks against it.
    if (event.keyCode === PROCESSED_BY_IME && event.timeStamp - this.#composedAt < AFTER_COMPOSITION_MS) return false;
    return event.key === 'Enter' || event.keyCode === 13;
  }

  /**
   * Whether the press sends the message: Enter alone, or with Ctrl or ⌘ anywhere; for who wants it so, and on a touch keyboard, Enter breaks the line.
   * @param {Pick<KeyboardEvent, 'key' | 'keyCode' | 'isComposing' | 'timeStamp' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>} event
   * @param {boolean} breaks Enter alone breaks the line
   */
  sends(event, breaks) {
    if (!this.isPressed(event)) return false;
    if (event.ctrlKey || event.metaKey) return true;
    return !breaks && !event.shiftKey && !event.altKey;
  }
}
