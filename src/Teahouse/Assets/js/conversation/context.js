import { Texts } from '../shared/texts.js';
import { Days } from './grouping.js';

/**
 * What the room page tells its scripts: whose page it is, which room, and how to say things.
 * @typedef {ReturnType<typeof readContext>} Context
 */

/** Reads the room page. @param {HTMLElement} root */
export function readContext(root) {
  const timeline = part(root, 'timeline');
  const { dataset } = timeline;
  const language = document.documentElement.lang;
  const timeZone = dataset['timeZone'] ?? 'UTC';
  return {
    root,
    timeline,
    texts: Texts.of(root),
    room: dataset['room'] ?? '',
    title: root.querySelector('h1')?.textContent ?? '',
    rev: Number(dataset['roomRev']),
    epoch: dataset['epoch'] || undefined,
    lastSeq: Number(dataset['lastSeq']),
    lastReadSeq: Number(dataset['lastReadSeq']),
    otherReadSeq: Number(dataset['otherReadSeq']),
    hasOlder: dataset['hasOlder'] === 'true',
    hasNewer: dataset['hasNewer'] === 'true',
    isPair: dataset['pair'] === 'true',
    me: dataset['me'] ?? '',
    names: [dataset['me'] ?? '', dataset['meName'] ?? ''],
    isGuest: dataset['meGuest'] === 'true',
    /** By which a guest's own messages are known. */
    guestId: dataset['meGuestId'] || undefined,
    isKnown: dataset['meKnown'] === 'true',
    days: new Days(timeZone),
    clock: new Intl.DateTimeFormat(language, { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    dayNames: new Intl.DateTimeFormat(language, { timeZone, dateStyle: 'full' }),
    longTimes: new Intl.DateTimeFormat(language, { timeZone, dateStyle: 'long', timeStyle: 'medium' }),
    /** Nonces of this page: how a visitor without a name knows their own messages. @type {Set<string>} */
    nonces: new Set(),
  };
}

/**
 * The element with an id, which the page always has.
 * @param {HTMLElement} root @param {string} id @returns {HTMLElement}
 */
export function part(root, id) {
  const found = root.querySelector(`#${id}`);
  if (!(found instanceof HTMLElement)) throw new Error(`The page has no #${id}`);
  return found;
}

/**
 * A named place inside an element.
 * @param {ParentNode} within @param {string} name @returns {HTMLElement}
 */
export function slot(within, name) {
  const found = within.querySelector(`[data-slot="${name}"]`);
  // Icons are SVG elements, which hide and carry classes just as well.
  if (!found) throw new Error(`No slot ${name}`);
  return /** @type {HTMLElement} */ (found);
}

/** How a day is called: today, yesterday or its date. @param {Context} context @param {string} timestamp */
export function dayName(context, timestamp) {
  const day = context.days.of(timestamp);
  const now = Date.now();
  if (day === context.days.of(now)) return context.texts.say('Today');
  if (day === context.days.of(now - 24 * 3600_000)) return context.texts.say('Yesterday');
  return context.dayNames.format(new Date(timestamp));
}
