// The API's reference: Swagger UI over the program's own document, dressed in the site's colours. Nothing is asked of any other site.
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import '../../css/docs.css';
import { mend } from './mend.js';

const place = document.getElementById('api');
const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute('content') ?? '';

if (place) {
  new MutationObserver(() => mend(place)).observe(place, { childList: true, subtree: true });
  SwaggerUI({
    url: place.dataset['document'],
    domNode: place,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    defaultModelExpandDepth: 2,
    displayRequestDuration: true,
    // Its colours are for dark boxes only.
    syntaxHighlight: { activated: false },
    tryItOutEnabled: false,
    // The default would show the document's validity by asking a site for it.
    validatorUrl: null,
    // "Try it out" goes by one's own session, so it needs what every form of a page has.
    requestInterceptor: /** @param {{ url: string, headers: Record<string, string> }} request */ request => {
      if (new URL(request.url, location.href).origin === location.origin) request.headers['X-CSRFToken'] = token;
      return request;
    },
    onComplete: () => {
      place.setAttribute('aria-busy', 'false');
      document.getElementById('api-wait')?.remove();
    },
  });
}
