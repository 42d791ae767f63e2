/** @typedef {import('./list.js').RoomList} RoomList */

const SETTLE_MS = 400;

/**
 * Keeps the parts of a page that count or list chats (`data-live-part`, with an id) as the server would say them now: whenever something moves in
 * one of my rooms the page is asked for again.
 * @param {RoomList} list
 */
export function followParts(list) {
  const parts = () => /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-live-part][id]'));
  if (parts().length === 0) return;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isStale = false;
  list.listeners.push(schedule);

  function schedule() {
    isStale = true;
    timer ??= setTimeout(async () => {
      isStale = false;
      await renew();
      timer = undefined;
      // What moved while the page was asked for need not be in the answer.
      if (isStale) schedule();
    }, SETTLE_MS);
  }

  async function renew() {
    const answer = await fetch(location.href, { credentials: 'same-origin' }).catch(() => undefined);
    // Led elsewhere: the page is not ours any more, and says so when it is opened again.
    if (!answer?.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const part of parts()) {
      const fresh = page.getElementById(part.id);
      if (!fresh || fresh.innerHTML === part.innerHTML) continue;
      const focus = part.contains(document.activeElement) ? document.activeElement?.getAttribute('href') : undefined;
      part.replaceWith(fresh);
      if (focus) /** @type {HTMLElement | null} */ (fresh.querySelector(`[href="${CSS.escape(focus)}"]`))?.focus();
    }
  }
}
