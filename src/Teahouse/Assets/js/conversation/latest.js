import { part, slot } from './context.js';

/** @typedef {import('./context.js').Context} Context */
/** @typedef {import('./timeline.js').Timeline} Timeline */

/** The button that goes to the newest message, and counts those one has not seen. */
export class Latest {
  #unseen = 0;
  #button;
  #status;

  /** @param {Context} context @param {Timeline} timeline @param {() => Promise<void>} go */
  constructor(context, timeline, go) {
    this.texts = context.texts;
    this.timeline = timeline;
    this.#button = part(context.root, 'to-latest');
    this.#status = part(context.root, 'status');
    this.#button.addEventListener('click', () => {
      void go();
      context.root.querySelector('textarea')?.focus({ preventScroll: true });
    });
    timeline.scroll.box.addEventListener('scroll', () => this.#show(), { passive: true });
    timeline.listeners.push(() => this.#show());
    this.#show();
  }

  /** @param {number} unseen further messages below the view */
  add(unseen) {
    if (unseen === 0) return;
    this.#unseen += unseen;
    this.#show();
    if (this.#unseen > 0) this.#status.textContent = this.texts.count('NewMessages', this.#unseen);
  }

  #show() {
    const isAtEnd = this.timeline.scroll.isNearBottom && !this.timeline.slice.hasNewer;
    if (isAtEnd) this.#unseen = 0;
    this.#button.hidden = isAtEnd;
    slot(this.#button, 'words').textContent = this.#unseen > 0 ? this.texts.count('NewMessages', this.#unseen) : this.texts.say('ToLatest');
  }
}
