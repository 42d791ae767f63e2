import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slice } from './slice.js';

/** @param {number} seq @returns {import('../wire.js').Message} */
const message = (seq, text = `${seq}`) => ({ id: seq, seq, rev: seq, user: 'a', guest: false, kind: 'text', message: text, timestamp: '2026-01-01T00:00:00Z' });
/** @param {number} from @param {number} to */
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => message(from + i));
/** @param {Slice} slice */
const seqs = slice => slice.items.map(item => item.seq);

test('A new message is added, a changed one takes its old place', () => {
  const slice = new Slice(10);
  slice.append(range(1, 3), false);

  assert.deepEqual(slice.put(message(4)), { what: 'added', index: 3 });
  assert.deepEqual(slice.put(message(2, 'edited')), { what: 'changed', index: 1 });
  assert.equal(slice.items[1]?.message, 'edited');
});

test('A message that was changed at once comes after its successors and still takes its place', () => {
  const slice = new Slice(10);
  slice.append(range(1, 2), false);

  slice.put(message(4));
  assert.deepEqual(slice.put({ ...message(3, 'edited'), rev: 5 }), { what: 'added', index: 2 });
  assert.deepEqual(seqs(slice), [1, 2, 3, 4]);
});

test('The first message of an empty room is shown', () => {
  assert.deepEqual(new Slice(10).put(message(1)), { what: 'added', index: 0 });
});

test('Reading old history, a new message at the end of the room is not put under it', () => {
  const slice = new Slice(10, { hasOlder: true, hasNewer: true });
  slice.append(range(5, 8), true);

  assert.equal(slice.put(message(100)).what, 'beyond');
  assert.equal(slice.put(message(2)).what, 'beyond');
  assert.deepEqual(seqs(slice), [5, 6, 7, 8]);
});

test('Growing upwards drops at the bottom and growing downwards at the top', () => {
  const slice = new Slice(6, { hasOlder: true, hasNewer: false });
  slice.append(range(11, 15), false);

  slice.prepend(range(8, 10), true);
  assert.deepEqual(slice.trimBottom().map(item => item.seq), [14, 15]);
  assert.deepEqual([seqs(slice), slice.hasNewer], [[8, 9, 10, 11, 12, 13], true]);

  slice.append(range(14, 15), false);
  assert.deepEqual(slice.trimTop().map(item => item.seq), [8, 9]);
  assert.deepEqual([slice.first?.seq, slice.hasOlder, slice.hasNewer], [10, true, false]);
});

test('A page that overlaps what is there adds nothing twice', () => {
  const slice = new Slice(10);
  slice.append(range(4, 6), false);

  assert.equal(slice.prepend(range(2, 5), false).length, 2);
  assert.equal(slice.append(range(5, 7), false).length, 1);
  assert.deepEqual(seqs(slice), [2, 3, 4, 5, 6, 7]);
});

test('Another part of the room comes in the order of its history', () => {
  const slice = new Slice(10);

  slice.replace([message(3), message(1), message(2)], { hasOlder: false, hasNewer: true });

  assert.deepEqual(seqs(slice), [1, 2, 3]);
});
