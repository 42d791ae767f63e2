import { mentions } from './mentions.js';
import { notify } from './notifications.js';
import { ring } from './tone.js';

/** @typedef {import('../wire.js').Message} Message */
/**
 * What somebody wants to hear of, in every browser of theirs.
 * @typedef {{ me: string, names: readonly string[], of: string, hasSound: boolean }} Wishes
 */

/**
 * Whether a message is one to be told of: nobody is told of their own, nor of what was removed meanwhile.
 * @param {Message} message @param {Wishes} wishes @param {boolean} isChat a project's chat, which is a conversation of two
 */
export function isWanted(message, wishes, isChat) {
  if (message.kind !== 'text' || message.deleted || (message.user === wishes.me && !message.guest)) return false;
  switch (wishes.of) {
    case 'all': return true;
    case 'mentions': return isChat || mentions(message.message, wishes.names);
    default: return false;
  }
}

/** What the page says of its reader's wishes. @param {DOMStringMap} page of the room list @returns {Wishes} */
export function readWishes(page) {
  const me = page['me'] ?? '';
  return { me, names: [me, page['meName'] ?? ''], of: page['notify'] ?? 'all', hasSound: page['sound'] === 'true' };
}

/**
 * Tells of a message: by a tone unless its room is being looked at, and by the browser while the page is hidden.
 * @param {Message} message @param {Wishes} wishes
 * @param {{ room: string, title: string, isChat: boolean, isOpen: boolean, open(): void }} where
 */
export function tell(message, wishes, where) {
  if (!isWanted(message, wishes, where.isChat)) return;
  const tag = `${where.room}#${message.seq}`;
  if (wishes.hasSound) ring(tag, where.isOpen && document.visibilityState === 'visible');
  notify({ title: `${message.display_name || message.user} · ${where.title}`, text: message.message, tag, open: where.open });
}
