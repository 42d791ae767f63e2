/** What holds others' words, to be left as they stand. */
const VERBATIM = 'pre, code, textarea, .microlight';

const ATTRIBUTES = ['title', 'aria-label', 'placeholder'];

/**
 * What the viewer's markup lacks for readers of the screen, the keyboard and other languages: groups stand below the page's one heading,
 * every choice has a name, what scrolls can be reached, and the viewer's own words are in the page's language.
 * @param {ParentNode} root
 * @param {Record<string, string>} words the viewer's English words and what they are here; empty in English
 */
export function mend(root, words) {
  for (const heading of root.querySelectorAll('.opblock-tag, .models > h4, .info h1, .info h2, .errors__title')) set(heading, 'aria-level', '2');
  for (const heading of root.querySelectorAll('.opblock h4')) set(heading, 'aria-level', '3');
  for (const heading of root.querySelectorAll('.opblock h5')) set(heading, 'aria-level', '4');
  for (const choice of root.querySelectorAll('select:not([aria-label])')) {
    const example = choice.classList.contains('examples-select-element');
    set(choice, 'aria-label', example ? 'Example' : choice.closest('.content-type-wrapper, .response-control-media-type, .body-param-content-type') ? 'Media type' : 'Value');
  }
  for (const field of root.querySelectorAll('.body-param__text:not([aria-label])')) set(field, 'aria-label', 'Request body');
  // A table is no landmark.
  for (const table of root.querySelectorAll('table[role="region"]')) set(table, 'role', 'table');
  for (const wide of root.querySelectorAll('.parameters-container, .responses-inner, .microlight, pre.curl')) set(wide, 'tabindex', '0');
  translate(root, words);
}

/** @param {ParentNode} root @param {Record<string, string>} words */
function translate(root, words) {
  const walker = document.createTreeWalker(/** @type {Node} */ (/** @type {unknown} */ (root)), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.nodeValue ?? '';
    const said = say(text, words);
    if (said !== text && !node.parentElement?.closest(VERBATIM)) node.nodeValue = said;
  }
  for (const name of ATTRIBUTES) {
    for (const element of root.querySelectorAll(`[${name}]`)) set(element, name, say(element.getAttribute(name) ?? '', words));
  }
}

/**
 * The text in the page's language, with the white space around it; as it stands when it is none of the viewer's.
 * @param {string} text @param {Record<string, string>} words
 */
export function say(text, words) {
  const said = word(text.trim(), words);
  return said === undefined ? text : text.replace(text.trim(), () => said);
}

/** @param {string} text @param {Record<string, string>} words @returns {string | undefined} */
function word(text, words) {
  if (Object.hasOwn(words, text)) return words[text];
  // How long a value may be, such as "[1, 100] characters".
  const measure = / (characters|items|properties)$/.exec(text);
  return measure?.[1] && Object.hasOwn(words, measure[1]) ? `${text.slice(0, measure.index)} ${words[measure[1]]}` : undefined;
}

/** Sets only what differs, so that looking at changes comes to rest. @param {Element} element @param {string} name @param {string} value */
function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
