import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hue, initial } from './avatar.js';

test('An initial is one visible character, whatever it takes to write it', () => {
  assert.deepEqual(['alice', '小明', '👩‍👧 fam', ''].map(initial), ['A', '小', '👩‍👧', '']);
});

test('Colours agree with the server for names of every script', () => {
  // Computed by AvatarView (see AvatarViewTests).
  assert.deepEqual(['alice', 'bob', '小明', 'Žofie', ''].map(hue), [9, 4, 4, 7, 1]);
});
