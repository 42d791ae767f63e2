const GONE_AFTER_MS = 5000;
const NAMED = 3;

/** Who is typing now. A name stays for five seconds after its last sign. */
export class Typists {
  /** @type {Map<string, number>} */
  #until = new Map();

  /** @param {string} user @param {number} now ms */
  saw(user, now) {
    this.#until.set(user, now + GONE_AFTER_MS);
  }

  /** They sent what they typed, or left. @param {string} user */
  gone(user) {
    this.#until.delete(user);
  }

  /**
   * @param {number} now
   * @returns {{ names: string[], others: number, nextChangeMs: number | undefined }} at most three names, and how many besides
   */
  at(now) {
    for (const [user, until] of this.#until) if (until <= now) this.#until.delete(user);
    const names = [...this.#until.keys()];
    const next = Math.min(...this.#until.values());
    return { names: names.slice(0, NAMED), others: Math.max(0, names.length - NAMED), nextChangeMs: names.length > 0 ? next - now : undefined };
  }
}
