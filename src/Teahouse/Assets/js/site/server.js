// htmx, for pages that exchange parts of themselves with the server (settings, members, filters). A page that needs it
// loads it in its Scripts section; the room page does not.
import htmx from 'htmx.org';
import { csrfToken } from '../shared/csrf.js';

// No eval and no style tag of its own: the content security policy forbids both.
htmx.config.includeIndicatorCSS = false;

document.addEventListener('htmx:config:request', event => {
  const { ctx } = /** @type {CustomEvent<{ ctx: { request: { headers: Record<string, string> } } }>} */ (event).detail;
  ctx.request.headers['X-CSRFToken'] = csrfToken();
});
