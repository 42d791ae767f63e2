const FIRST_MS = 500;
const CEILING_MS = 30_000;

/**
 * How long to wait before the next attempt: anything up to the time the server has been away already, so that one that
 * starts again is not met by all its clients in the same instant, and none of them waits for several times as long as it
 * was gone.
 * @param {number} awayMs since the connection was lost
 * @param {() => number} random from 0 up to 1
 */
export function backoffMs(awayMs, random = Math.random) {
  return Math.round(Math.min(CEILING_MS, Math.max(FIRST_MS, awayMs)) * random());
}
