import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from './backoff.js';

test('The ceiling doubles from half a second to thirty and stays there', () => {
  const highest = [1, 2, 3, 7, 8, 100].map(failures => backoffMs(failures, () => 1));

  assert.deepEqual(highest, [500, 1000, 2000, 30_000, 30_000, 30_000]);
});

test('The whole range below the ceiling is used', () => {
  assert.equal(backoffMs(5, () => 0), 0);
  assert.equal(backoffMs(5, () => 0.5), 4000);
});
