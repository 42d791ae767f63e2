const FIRST_MS = 500;
const CEILING_MS = 30_000;

/**
 * How long to wait before the next attempt: anything up to a ceiling that doubles with every failure, so that a
 * restarted server is not met by all its clients in the same instant.
 * @param {number} failures attempts that failed in a row, 1 or more
 * @param {() => number} random from 0 up to 1
 */
export function backoffMs(failures, random = Math.random) {
  const ceiling = Math.min(CEILING_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
  return Math.round(ceiling * random());
}
