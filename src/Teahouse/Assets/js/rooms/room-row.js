import { sayEvent } from '../conversation/events.js';
import { Days } from '../conversation/grouping.js';

/** @typedef {import('../shared/texts.js').Texts} Texts */
/** @typedef {import('../wire.js').Message} Message */
/** @typedef {import('./room-line.js').RoomLine} RoomLine */

/**
 * Shows how a room stands in its row of the list, as the server would have written it.
 * @param {Texts} texts
 * @param {string} timeZone of the reader
 * @returns {(row: HTMLElement, line: RoomLine) => void}
 */
export function rowPainter(texts, timeZone) {
  const language = document.documentElement.lang;
  const clock = new Intl.DateTimeFormat(language, { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const dates = new Intl.DateTimeFormat(language, { timeZone, month: 'numeric', day: 'numeric' });
  const days = new Days(timeZone);
  return (row, line) => {
    row.classList.toggle('is-unread', line.unread > 0);
    const badge = /** @type {HTMLElement} */ (row.querySelector('.badge'));
    badge.hidden = line.unread === 0;
    badge.textContent = line.unread > 99 ? '99+' : String(line.unread);
    const spoken = row.querySelector('[data-slot="unread"]');
    if (spoken) spoken.textContent = line.unread > 0 ? texts.count('Unread', line.unread) : '';
    if (!line.last) return;
    const last = row.querySelector('[data-slot="last"]');
    if (last) last.textContent = sayLine(line.last, texts);
    const time = /** @type {HTMLTimeElement | null} */ (row.querySelector('time'));
    if (time) {
      const at = new Date(line.last.timestamp);
      time.dateTime = line.last.timestamp;
      time.textContent = (days.of(at) === days.of(Date.now()) ? clock : dates).format(at);
    }
  };
}

/** @param {Message} message @param {Texts} texts */
function sayLine(message, texts) {
  if (message.deleted) return texts.say('Deleted');
  if (message.kind === 'system') return sayEvent(message, texts);
  return texts.say('LastLine', `\u2068${message.display_name || message.user}\u2069`, message.message);
}
