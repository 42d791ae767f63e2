import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from './backoff.js';

test('The ceiling is the time it was away, from half a second to thirty', () => {
  const highest = [-5000, 0, 400, 3000, 29_000, 31_000, 86_400_000].map(away => backoffMs(away, () => 1));

  assert.deepEqual(highest, [500, 500, 500, 3000, 29_000, 30_000, 30_000]);
});

test('The whole range below the ceiling is used', () => {
  assert.equal(backoffMs(8000, () => 0), 0);
  assert.equal(backoffMs(8000, () => 0.5), 4000);
});
