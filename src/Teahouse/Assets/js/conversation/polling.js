/** @typedef {import('../wire.js').Page} Page */

const EVERY_MS = 5000;
const PAGE = 200;

/**
 * Asks every five seconds what changed, where no WebSocket can be had. It stops as soon as one is.
 */
export class Polling {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isOn = false;
  #isAsking = false;

  /**
   * @param {{ read(query: Record<string, number>): Promise<Page> }} source
   * @param {{ rev(): number, take(page: Page): void, works(): void, fails(status: number | undefined): void }} room
   */
  constructor(source, room) {
    this.source = source;
    this.room = room;
  }

  get isOn() {
    return this.#isOn;
  }

  start() {
    if (this.#isOn) return;
    this.#isOn = true;
    void this.#ask();
  }

  stop() {
    this.#isOn = false;
    clearTimeout(this.#timer);
  }

  /** Something was just sent: shows it now instead of at the next turn. */
  hurry() {
    if (this.#isOn && !this.#isAsking) void this.#ask();
  }

  async #ask() {
    clearTimeout(this.#timer);
    this.#isAsking = true;
    try {
      /** @type {Page} */
      let page;
      do {
        page = await this.source.read({ since_rev: this.room.rev(), limit: PAGE });
        // A socket may have come meanwhile; its own catching up is under way then.
        if (!this.#isOn) return;
        this.room.take(page);
      } while (page.has_more && page.messages.length > 0);
      this.room.works();
    } catch (error) {
      if (!this.#isOn) return;
      this.room.fails(error instanceof Error && 'status' in error ? Number(error.status) : undefined);
    } finally {
      this.#isAsking = false;
    }
    if (this.#isOn) this.#timer = setTimeout(() => void this.#ask(), EVERY_MS);
  }
}
