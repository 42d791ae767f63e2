// The API's reference: Swagger UI over the program's own document, dressed in the site's colours. Nothing is asked of any other site.
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import '../../css/docs.css';
import { csrfToken } from '../shared/csrf.js';
import { mend } from './mend.js';

const place = document.getElementById('api');
const wait = document.getElementById('api-wait');

/**
 * The viewer without what the page has itself: its own main landmark and its choice of servers.
 * @param {{ React: { createElement: (...parts: unknown[]) => unknown } }} system
 */
function withoutFrame({ React: { createElement } }) {
  return {
    components: {
      /** @param {{ getComponent: (name: string, connected?: boolean) => unknown }} viewer */
      Reference: ({ getComponent }) => createElement('div', { className: 'swagger-ui' },
        ...['errors', 'InfoContainer', 'operations', 'Models'].map(name => createElement(getComponent(name, true), { key: name }))),
    },
  };
}

/** @param {HTMLElement} root @param {unknown} spec */
function show(root, spec) {
  const words = JSON.parse(root.dataset['words'] ?? '{}');
  new MutationObserver(() => mend(root, words)).observe(root, { childList: true, subtree: true, characterData: true });
  SwaggerUI({
    spec,
    domNode: root,
    layout: 'Reference',
    plugins: [withoutFrame],
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    defaultModelExpandDepth: 2,
    displayRequestDuration: true,
    // Its colours are for dark boxes only.
    syntaxHighlight: { activated: false },
    tryItOutEnabled: false,
    // The default would show the document's validity by asking a site for it.
    validatorUrl: null,
    // "Try it out" goes by one's own session, so what changes something needs what every form of a page has.
    requestInterceptor: /** @param {{ url: string, method: string, headers: Record<string, string> }} request */ request => {
      if (request.method !== 'GET' && new URL(request.url, location.href).origin === location.origin) request.headers['X-CSRFToken'] = csrfToken();
      return request;
    },
    onComplete: () => {
      root.setAttribute('aria-busy', 'false');
      wait?.remove();
    },
  });
}

if (place) {
  try {
    const answer = await fetch(place.dataset['document'] ?? '');
    if (!answer.ok) throw new Error(`The document: ${answer.status}`);
    show(place, await answer.json());
  } catch {
    if (wait) wait.textContent = wait.dataset['failed'] ?? '';
  }
}
