/**
 * Says times as the reader would: `<time datetime data-local>` of the server's rendering gets the browser's own wording, in the zone that the
 * reader chose, which the page carries.
 * @param {ParentNode} part
 */
export function showLocalTimes(part) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short', timeZone: document.body.dataset['timeZone'] });
  for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (part.querySelectorAll('time[data-local]'))) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) time.textContent = format.format(at);
  }
}
