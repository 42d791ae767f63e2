import { paintAvatar } from '../shared/avatar.js';
import { linkPieces } from '../shared/links.js';
import { mentions } from '../shared/mentions.js';
import { part, slot } from './context.js';
import { sayEvent } from './events.js';

/** @typedef {import('../wire.js').Message} Message */
/** @typedef {import('./context.js').Context} Context */

/** Reads a message back from a row that the server rendered. @param {HTMLElement} row @returns {Message} */
export function readRow(row) {
  const time = /** @type {HTMLTimeElement} */ (slot(row, 'time'));
  return {
    id: Number(row.id.slice(1)),
    seq: Number(row.dataset['seq']),
    rev: Number(row.dataset['rev']),
    user: row.dataset['author'] ?? '',
    display_name: slot(row, 'name').textContent ?? undefined,
    avatar_colour: row.dataset['colour'] ? Number(row.dataset['colour']) : undefined,
    guest: row.dataset['guest'] === 'true',
    guest_id: row.dataset['guestId'] || undefined,
    bot: row.dataset['bot'] === 'true',
    kind: row.dataset['kind'] === 'system' ? 'system' : 'text',
    message: slot(row, 'text').textContent ?? '',
    deleted: row.classList.contains('msg-deleted'),
    timestamp: time.dateTime,
  };
}

/** A new empty row: the server's own markup of a message. @param {Context} context */
export function newRow(context) {
  const template = /** @type {HTMLTemplateElement} */ (part(context.root, 'message-template'));
  const row = template.content.firstElementChild?.cloneNode(true);
  if (!(row instanceof HTMLElement)) throw new Error('The message template is empty');
  return row;
}

/** Whether the reader wrote it. @param {Context} context @param {Message} message */
export function isOwn(context, message) {
  if (message.nonce !== undefined && context.nonces.has(message.nonce)) return true;
  if (message.kind !== 'text' || message.guest !== context.isGuest) return false;
  // Several guests may have one nickname.
  if (message.guest) return context.guestId !== undefined && message.guest_id === context.guestId;
  // What one's program says, it says to its owner too.
  return !message.bot && context.me !== '' && message.user === context.me;
}

/** Fills a row. Names and texts only ever become text nodes. @param {HTMLElement} row @param {Message} message @param {Context} context */
export function paintRow(row, message, context) {
  const { dataset } = row;
  if (message.id > 0) {
    row.id = `m${message.id}`;
    slot(row, 'author').id = `a${message.id}`;
    slot(row, 'time').id = `t${message.id}`;
    row.setAttribute('aria-labelledby', `a${message.id} t${message.id}`);
    slot(row, 'link').setAttribute('href', `?at=${message.seq}#m${message.id}`);
  }
  dataset['seq'] = String(message.seq);
  dataset['rev'] = String(message.rev);
  dataset['author'] = message.user;
  dataset['guest'] = String(message.guest);
  dataset['guestId'] = message.guest_id ?? '';
  dataset['bot'] = String(message.bot === true);
  dataset['kind'] = message.kind;
  dataset['colour'] = String(message.avatar_colour ?? '');
  row.classList.toggle('msg-system', message.kind === 'system');
  row.classList.toggle('msg-own', isOwn(context, message));
  row.classList.toggle('msg-mention', message.kind === 'text' && !message.deleted && !isOwn(context, message) && mentions(message.message, context.names));
  row.classList.toggle('msg-deleted', message.deleted === true);
  slot(row, 'name').textContent = message.display_name || message.user;
  slot(row, 'guest').hidden = !message.guest;
  slot(row, 'bot').hidden = !message.bot;
  slot(row, 'edited').hidden = !message.edited_at || message.deleted === true;
  paintAvatar(slot(row, 'avatar'), message.kind === 'system' ? '' : message.user, message.avatar_colour);
  const time = /** @type {HTMLTimeElement} */ (slot(row, 'time'));
  const at = new Date(message.timestamp);
  time.dateTime = message.timestamp;
  time.textContent = context.clock.format(at);
  time.title = context.longTimes.format(at);
  paintText(slot(row, 'text'), message, context);
}

/** @param {HTMLElement} bubble @param {Message} message @param {Context} context */
function paintText(bubble, message, context) {
  if (message.deleted) {
    bubble.textContent = context.texts.say('Deleted');
  } else if (message.kind === 'system') {
    bubble.textContent = sayEvent(message, context.texts);
  } else {
    bubble.replaceChildren(...linkPieces(message.message).map(piece => {
      if (piece.href === undefined) return document.createTextNode(piece.text);
      const link = document.createElement('a');
      link.href = piece.href;
      link.target = '_blank';
      link.rel = 'noopener noreferrer nofollow';
      link.textContent = piece.text;
      return link;
    }));
  }
}

/**
 * Shows where a row stands among its neighbours.
 * @param {HTMLElement} row
 * @param {{ isFirst: boolean, isLast: boolean }} place
 * @param {string | undefined} day the wording of the day that begins with it
 */
export function paintPlace(row, place, day) {
  row.classList.toggle('msg-first', place.isFirst);
  row.classList.toggle('msg-last', place.isLast);
  const heading = slot(row, 'day');
  heading.hidden = day === undefined;
  const words = heading.firstElementChild;
  if (words) words.textContent = day ?? '';
}
