/**
 * Says times as the reader would: `<time datetime data-local>` of the server's rendering gets the browser's own wording.
 * @param {ParentNode} part
 */
export function showLocalTimes(part) {
  const language = document.documentElement.lang;
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (part.querySelectorAll('time[data-local]'))) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) time.textContent = format.format(at);
  }
}
