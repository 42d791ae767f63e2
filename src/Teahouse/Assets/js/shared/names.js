/**
 * Names are compared as the server does: in NFC and without regard to case; up and down, since some letters have two lower-case
 * forms. A room that was born under another spelling than this page's says its own.
 * @param {string} name
 */
export function keyOf(name) {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}
