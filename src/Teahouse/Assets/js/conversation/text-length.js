/**
 * How many characters may still be written, as the server counts them: code points, without white space at both ends.
 * @param {string} text @param {number} maxChars 0: no limit
 * @returns {number} below 0: so many too many
 */
export function roomLeft(text, maxChars) {
  return maxChars === 0 ? Infinity : maxChars - [...text.trim()].length;
}
