let title = document.title;
let shown = 0;

/** Says in the page's title how much is unread. @param {number} unread */
export function countInTitle(unread) {
  shown = unread;
  const wanted = unread === 0 ? title : `(${unread > 99 ? '99+' : unread}) ${title}`;
  if (document.title !== wanted) document.title = wanted;
}

/** What the page is about is called otherwise now. @param {string} before @param {string} now */
export function renameInTitle(before, now) {
  title = title.replace(before, () => now);
  countInTitle(shown);
}
