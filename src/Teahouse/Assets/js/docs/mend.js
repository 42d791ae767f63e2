/**
 * What the viewer's markup lacks for readers of the screen and the keyboard: the page has its main landmark already, groups stand
 * below its one heading, every choice has a name, and what scrolls sideways can be reached.
 * @param {ParentNode} root
 */
export function mend(root) {
  root.querySelector('main')?.setAttribute('role', 'presentation');
  for (const heading of root.querySelectorAll('.opblock-tag')) set(heading, 'aria-level', '2');
  for (const heading of root.querySelectorAll('.info h1, .info h2')) set(heading, 'aria-level', '2');
  for (const heading of root.querySelectorAll('.opblock h4')) set(heading, 'aria-level', '3');
  for (const heading of root.querySelectorAll('.opblock h5')) set(heading, 'aria-level', '4');
  for (const choice of root.querySelectorAll('select:not([aria-label])')) {
    const example = choice.classList.contains('examples-select-element');
    set(choice, 'aria-label', example ? 'Example' : choice.closest('.content-type-wrapper, .response-control-media-type, .body-param-content-type') ? 'Media type' : 'Value');
  }
  for (const wide of root.querySelectorAll('.parameters-container, .responses-inner')) set(wide, 'tabindex', '0');
}

/** Sets only what differs, so that looking at changes comes to rest. @param {Element} element @param {string} name @param {string} value */
function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
