// The same rule as MessageText on the server: what follows http:// or https:// up to a blank, a bracket, a quote or
// full-width punctuation; a closing mark at the end belongs to the sentence.
const ADDRESS = /https?:\/\/[^\s<>"'`「」『』（）〈〉《》【】，。、；：！？]+/giu;
const CLOSING = /[.,;:!?)\]}]+$/;

/**
 * Cuts a text into plain pieces and web addresses. Joined again the pieces are the text.
 * @param {string} text
 * @returns {{ text: string, href?: string }[]}
 */
export function linkPieces(text) {
  const pieces = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(CLOSING, '');
    if (!URL.canParse(address)) continue;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push({ text: address, href: address });
    from = match.index + address.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}
