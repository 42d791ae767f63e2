import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RevCursor } from './rev-cursor.js';

/** @param {number} rev @param {number} seq @returns {import('../wire.js').Message} */
const change = (rev, seq = rev) => ({ id: seq, seq, rev, user: 'a', guest: false, kind: 'text', message: `${seq}`, timestamp: '2026-01-01T00:00:00Z' });
/** @param {import('../wire.js').Message[]} changes */
const revs = changes => changes.map(each => each.rev);

test('Changes in order are shown, repeated ones are not', () => {
  const cursor = new RevCursor(4, 'e');

  assert.deepEqual(revs(cursor.offer(change(5))), [5]);
  assert.deepEqual(revs(cursor.offer(change(5))), []);
  assert.deepEqual(revs(cursor.offer(change(3))), []);
  assert.equal(cursor.rev, 5);
});

test('An inverted pair is put right without asking again', () => {
  const cursor = new RevCursor(4, 'e');

  assert.deepEqual(revs(cursor.offer(change(6))), []);
  assert.equal(cursor.hasGap, true);
  assert.deepEqual(revs(cursor.offer(change(5))), [5, 6]);
  assert.equal(cursor.hasGap, false);
});

test('Live changes wait for the answer to a subscription and follow it', () => {
  const cursor = new RevCursor(4, 'e');
  cursor.expectCatchUp();

  assert.deepEqual(revs(cursor.offer(change(8))), []);
  const { reset, changes } = cursor.catchUp({ rev: 7, epoch: 'e', messages: [change(5), change(7, 2)] });

  assert.equal(reset, false);
  assert.deepEqual(revs(changes), [5, 7, 8]);
  assert.equal(cursor.rev, 8);
});

test('Revisions overtaken by a later change of the same message leave no gap', () => {
  const cursor = new RevCursor(4, 'e');

  cursor.catchUp({ rev: 9, epoch: 'e', messages: [change(9, 5)] });

  assert.equal(cursor.rev, 9);
  assert.equal(cursor.hasGap, false);
});

test('Another history or a reset begins anew, even with lower numbers', () => {
  const cursor = new RevCursor(40, 'before');

  const other = cursor.catchUp({ rev: 7, epoch: 'after', messages: [change(6), change(7)] });
  assert.deepEqual([other.reset, revs(other.changes), cursor.rev], [true, [6, 7], 7]);

  const missed = cursor.catchUp({ rev: 900, epoch: 'after', reset: true, messages: [change(900)] });
  assert.deepEqual([missed.reset, revs(missed.changes), cursor.rev], [true, [900], 900]);
});

test('Polled pages move the cursor page by page and then to the head', () => {
  const cursor = new RevCursor(0, undefined);

  assert.deepEqual(revs(cursor.poll({ messages: [change(1), change(2)], rev: 9, has_more: true })), [1, 2]);
  assert.equal(cursor.rev, 2);
  cursor.poll({ messages: [change(8)], rev: 9, has_more: false });
  assert.equal(cursor.rev, 9);
});

test('A heartbeat with a later head shows that something was lost', () => {
  const cursor = new RevCursor(4, 'e');

  assert.equal(cursor.isBehind(4), false);
  assert.equal(cursor.isBehind(5), true);
});
