const title = document.title;

/** Puts the unread count before the page's title. @param {number} unread */
export function countInTitle(unread) {
  const wanted = unread === 0 ? title : `(${unread > 99 ? '99+' : unread}) ${title}`;
  if (document.title !== wanted) document.title = wanted;
}
