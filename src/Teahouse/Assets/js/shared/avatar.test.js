import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hue, initial, paintAvatar } from './avatar.js';

test('An initial is one visible character, whatever it takes to write it', () => {
  assert.deepEqual(['alice', '小明', '👩‍👧 fam', ''].map(initial), ['A', '小', '👩‍👧', '']);
});

test('Colours agree with the server for names of every script', () => {
  // Computed by AvatarView (see AvatarViewTests).
  assert.deepEqual(['alice', 'bob', '小明', 'Žofie', ''].map(hue), [9, 4, 4, 7, 1]);
});

test('A chosen colour goes before that of the name, and can be taken back', () => {
  const styles = new Set(['avatar', 'avatar-4', 'avatar-sm']);
  const avatar = /** @type {Element} */ (/** @type {unknown} */ ({
    classList: { [Symbol.iterator]: () => styles.values(), add: (/** @type {string} */ style) => styles.add(style), remove: (/** @type {string} */ style) => styles.delete(style) },
    textContent: '',
  }));
  paintAvatar(avatar, 'alice', 0);
  assert.deepEqual([...styles], ['avatar', 'avatar-sm', 'avatar-0']);
  paintAvatar(avatar, 'alice');
  assert.deepEqual([...styles], ['avatar', 'avatar-sm', 'avatar-9']);
});
