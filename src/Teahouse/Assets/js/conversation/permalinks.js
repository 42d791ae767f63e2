/** @typedef {import('./context.js').Context} Context */
/** @typedef {import('./history.js').History} History */

/**
 * Follows links to messages (`#m<id>`), at entering and later, without leaving the page.
 * @param {Context} context @param {History} history @param {() => void} notFound
 * @returns {boolean} whether the address named a message at entering
 */
export function connectPermalinks(context, history, notFound) {
  window.addEventListener('hashchange', go);
  context.timeline.addEventListener('click', event => {
    const link = event.target instanceof Element ? event.target.closest('a[data-slot="link"]') : null;
    if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    window.history.replaceState(null, '', link.href);
    go();
  });
  return go();

  function go() {
    const id = /^#m(\d+)$/.exec(location.hash)?.[1];
    if (id === undefined) return false;
    history.toId(Number(id)).then(found => { if (!found) notFound(); }, notFound);
    return true;
  }
}
