import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Days, place } from './grouping.js';

const days = new Days('Asia/Taipei');
/** @param {string} timestamp @param {string} user @param {Partial<import('../wire.js').Message>} more */
const said = (timestamp, user = 'alice', more = {}) => ({ user, guest: false, kind: /** @type {'text' | 'system'} */ ('text'), timestamp, ...more });

test('One author within five minutes is one group', () => {
  const [a, b, c] = [said('2026-11-21T10:00:00Z'), said('2026-11-21T10:05:00Z'), said('2026-11-21T10:10:01Z')];

  assert.deepEqual(place(a, b, c, days), { startsDay: false, isFirst: false, isLast: true });
});

test('Another author, a guest of the same name and a system message end a group', () => {
  const alice = said('2026-11-21T10:00:00Z');

  for (const other of [said('2026-11-21T10:00:10Z', 'bob'), said('2026-11-21T10:00:10Z', 'alice', { guest: true }), said('2026-11-21T10:00:10Z', 'alice', { kind: 'system' })]) {
    assert.equal(place(undefined, alice, other, days).isLast, true);
    assert.equal(place(alice, other, undefined, days).isFirst, true);
  }
});

test('Midnight of the reader, not of Greenwich, begins a day and ends a group', () => {
  const [late, early] = [said('2026-11-21T15:59:50Z'), said('2026-11-21T16:00:10Z')];

  assert.deepEqual(place(late, early, undefined, days), { startsDay: true, isFirst: true, isLast: true });
  assert.equal(place(undefined, late, early, days).isLast, true);
  assert.equal(place(late, early, undefined, new Days('UTC')).startsDay, false);
});

test('The first message of all begins its day', () => {
  assert.equal(place(undefined, said('2026-11-21T10:00:00Z'), undefined, days).startsDay, true);
});

test('Two guests of one nickname are two authors', () => {
  const mei = said('2026-11-21T10:00:00Z', 'Mei', { guest: true, guest_id: 'a' });

  assert.equal(place(mei, said('2026-11-21T10:00:10Z', 'Mei', { guest: true, guest_id: 'a' }), undefined, days).isFirst, false);
  assert.equal(place(mei, said('2026-11-21T10:00:10Z', 'Mei', { guest: true, guest_id: 'b' }), undefined, days).isFirst, true);
});
