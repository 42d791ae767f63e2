const WORD = '[\\p{L}\\p{N}\\p{M}_]';
// Scripts that put no spaces between words.
const HAN = '[\\u3040-\\u312f\\u31a0-\\u31bf\\u31f0-\\u31ff\\u3400-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}]';
const endsWord = new RegExp(`${WORD}$`, 'u');
const endsHan = new RegExp(`${HAN}$`, 'u');
const goesOn = new RegExp(`^[.+@-]?(?!${HAN})${WORD}`, 'u');
const goesOnInHan = new RegExp(`^${HAN}`, 'u');

/** @param {string} text */
const fold = text => text.normalize('NFKC').toLowerCase();

/**
 * Whether somebody is called by name in a text, by the same rule as Mentions on the server: `@name` as a whole word, in any letters' case and width.
 * @param {string} text @param {readonly string[]} names a person's; empty ones are nobody's
 */
export function mentions(text, names) {
  if (!/[@＠]/.test(text)) return false;
  const folded = fold(text);
  return names.some(name => name !== '' && calls(folded, fold(name)));
}

/** @param {string} text @param {string} name both folded */
function calls(text, name) {
  const call = `@${name}`;
  for (let at = text.indexOf(call); at >= 0; at = text.indexOf(call, at + 1)) {
    const before = text.slice(Math.max(0, at - 2), at);
    const after = text.slice(at + call.length, at + call.length + 4);
    // An address of mail is none, but Han writes on without a space.
    if (endsWord.test(before) && !endsHan.test(before)) continue;
    if (!goesOn.test(after) && !(goesOnInHan.test(after) && endsHan.test(name))) return true;
  }
  return false;
}
