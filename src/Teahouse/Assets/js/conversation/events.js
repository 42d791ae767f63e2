/** @typedef {import('../wire.js').Message} Message */
/** @typedef {import('../shared/texts.js').Texts} Texts */

/** Keeps a name of any script from turning the sentence around it. @param {string} name */
const isolate = name => `\u2068${name}\u2069`;

/**
 * A system message in the reader's language. What this page does not know yet is said in the server's words.
 * @param {Pick<Message, 'event' | 'message'>} message @param {Texts} texts
 */
export function sayEvent(message, texts) {
  const { event } = message;
  if (!event || !(`Event.${event.type}` in texts.words)) return message.message;
  return texts.say(`Event.${event.type}`, isolate(event.actor ?? ''), isolate(event.user ?? ''), isolate(event.value ?? ''));
}
