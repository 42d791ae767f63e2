const HUES = 10;
const segmenter = new Intl.Segmenter();

/** The first visible character of a name. @param {string} name */
export function initial(name) {
  const [first] = segmenter.segment(name);
  return (first?.segment ?? '').toUpperCase();
}

/** Which avatar colour a name has, the same as AvatarView on the server (FNV-1a over UTF-16 units). @param {string} name */
export function hue(name) {
  let hash = 2166136261;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619) >>> 0;
  return hash % HUES;
}

/**
 * Fills an avatar of `_Avatar.cshtml`.
 * @param {Element} avatar @param {string} name
 * @param {number} [colour] what its owner chose; none: that of the name
 */
export function paintAvatar(avatar, name, colour = hue(name)) {
  for (const style of [...avatar.classList]) if (/^avatar-\d$/.test(style)) avatar.classList.remove(style);
  avatar.classList.add(`avatar-${colour}`);
  avatar.textContent = initial(name);
}
