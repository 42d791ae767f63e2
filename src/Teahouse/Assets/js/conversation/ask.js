import { csrfToken } from '../shared/csrf.js';

/**
 * Asks the API for something to be done in this room.
 * @param {import('./context.js').Context} context
 * @param {string} method
 * @param {string} path below the room's
 * @param {string} failure the text for what the server gives no reason for
 * @param {unknown} [body]
 * @returns {Promise<string | undefined>} why not, in the reader's language; nothing when it is done
 */
export async function ask(context, method, path, failure, body) {
  const headers = { 'X-CSRFToken': csrfToken(), ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) };
  try {
    const answer = await fetch(`/api/v1/rooms/${encodeURIComponent(context.room)}/${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
    if (answer.ok) return undefined;
    const problem = /** @type {{ error?: string }} */ (await answer.json());
    return problem.error ?? context.texts.say(failure);
  } catch {
    return context.texts.say(failure);
  }
}
