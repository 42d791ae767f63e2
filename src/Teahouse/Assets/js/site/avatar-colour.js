import { paintAvatar } from '../shared/avatar.js';

/**
 * Shows the chosen colour on the avatar beside it at once: `<form x-data="avatarColour" data-name="…" x-on:change="paint">`.
 * @returns {Record<string, unknown> & ThisType<{ $root: HTMLElement }>}
 */
export function avatarColour() {
  return {
    paint() {
      const { $root } = this;
      const avatar = $root.querySelector('[data-slot="avatar"]');
      const chosen = $root.querySelector('[name="avatar_colour"]:checked');
      if (!avatar || !(chosen instanceof HTMLInputElement)) return;
      paintAvatar(avatar, $root.dataset['name'] ?? '', chosen.value === '' ? undefined : Number(chosen.value));
    },
  };
}
