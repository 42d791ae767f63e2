import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roomLeft } from './text-length.js';

test('Code points are counted, without white space at both ends', () => {
  assert.equal(roomLeft('  茶🍵 ', 3), 1);
  assert.equal(roomLeft('🍵🍵🍵🍵', 3), -1);
  assert.equal(roomLeft('', 3), 3);
});

test('Without a limit there is always room', () => {
  assert.equal(roomLeft('x'.repeat(100_000), 0), Infinity);
});
