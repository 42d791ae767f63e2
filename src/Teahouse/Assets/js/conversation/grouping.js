/** @typedef {import('../wire.js').Message} Message */
/** @typedef {Pick<Message, 'user' | 'display_name' | 'guest' | 'guest_id' | 'bot' | 'kind' | 'timestamp'>} Grouped */

const TOGETHER_MS = 5 * 60_000;

/** The calendar day (`2026-11-21`) of a time in a zone. */
export class Days {
  /** @param {string} timeZone IANA name */
  constructor(timeZone) {
    this.timeZone = timeZone;
    this.format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  }

  /** @param {string | number | Date} time */
  of(time) {
    return this.format.format(new Date(time));
  }
}

/**
 * How a message stands among its neighbours: whether a new day begins with it, and whether it is the first and the last of a
 * group: one author's messages within five minutes of each other.
 * @param {Grouped | undefined} before @param {Grouped} message @param {Grouped | undefined} after @param {Days} days
 */
export function place(before, message, after, days) {
  const startsDay = !before || days.of(before.timestamp) !== days.of(message.timestamp);
  return {
    startsDay,
    isFirst: startsDay || !belongTogether(before, message),
    isLast: !after || days.of(after.timestamp) !== days.of(message.timestamp) || !belongTogether(message, after),
  };
}

/** @param {Grouped} earlier @param {Grouped} later */
export function belongTogether(earlier, later) {
  return earlier.kind === 'text' && later.kind === 'text'
    && earlier.user === later.user && earlier.guest === later.guest && earlier.guest_id === later.guest_id && !earlier.bot === !later.bot
    // One account may have several programs.
    && (!earlier.bot || (earlier.display_name || earlier.user) === (later.display_name || later.user))
    && Date.parse(later.timestamp) - Date.parse(earlier.timestamp) <= TOGETHER_MS;
}
