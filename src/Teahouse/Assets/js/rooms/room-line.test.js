import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byUrgency, RoomLine } from './room-line.js';

/** @param {number} seq @param {Record<string, unknown>} more @returns {import('../wire.js').Frame} */
const message = (seq, more = {}) => ({ type: 'message', room: 'tea', id: seq, seq, rev: seq, user: 'bob', guest: false, kind: 'text', message: `${seq}`, timestamp: '2026-11-21T10:00:00Z', ...more });
const line = (start = {}) => new RoomLine({ me: 'alice', rev: 4, epoch: 'e', lastSeq: 4, readSeq: 4, unread: 0, at: 0, ...start });

test('A message by another is unread and the last line; one’s own is only the last line', () => {
  const room = line();

  assert.equal(room.take(message(5)).length, 1);
  assert.equal(room.take(message(6, { user: 'alice' })).length, 0);

  assert.deepEqual([room.unread, room.last?.seq, room.lastSeq], [1, 6, 6]);
});

test('A guest who took the same name is somebody else', () => {
  const room = line();
  room.take(message(5, { user: 'alice', guest: true }));

  assert.equal(room.unread, 1);
});

test('Reading on another device clears the count, a mark in the middle lowers it', () => {
  const room = line({ lastSeq: 9, rev: 9, unread: 5 });

  room.take({ type: 'read', room: 'tea', user: 'bob', seq: 9 });
  assert.equal(room.unread, 5);
  room.take({ type: 'read', room: 'tea', user: 'alice', seq: 7 });
  assert.equal(room.unread, 2);
  room.take({ type: 'read', room: 'tea', user: 'alice', seq: 9 });
  assert.equal(room.unread, 0);
});

test('An edit of the last message changes the line and nothing else', () => {
  const room = line();
  room.take(message(5));
  room.take(message(5, { rev: 6, message: 'edited' }));

  assert.deepEqual([room.unread, room.last?.message], [1, 'edited']);
});

test('A message that was read before it is told again is not unread', () => {
  const room = line();
  room.take({ type: 'read', room: 'tea', user: 'alice', seq: 5 });
  room.take(message(5));

  assert.equal(room.unread, 0);
});

test('Catching up counts what was missed; after a reset the server counts', () => {
  const missed = line();
  missed.take({ type: 'subscribed', room: 'tea', rev: 6, epoch: 'e', last_seq: 6, last_read_seq: 4, messages: [message(5), message(6)] });
  assert.equal(missed.unread, 2);

  const changed = line();
  changed.take({ type: 'subscribed', room: 'tea', rev: 7, epoch: 'e', last_seq: 6, last_read_seq: 4, messages: [message(6), message(5, { rev: 7 })] });
  assert.deepEqual([changed.unread, changed.last?.seq], [2, 6]);

  const much = line();
  const news = much.take({ type: 'subscribed', room: 'tea', rev: 900, epoch: 'e', last_seq: 900, last_read_seq: 4, reset: true, messages: [message(899), message(900)] });
  assert.deepEqual([much.unread, much.lastSeq, news.length], [896, 900, 0]);
});

test('Unread rooms come first, then the latest', () => {
  const [old, late, unread] = [line({ at: 1 }), line({ at: 9 }), line({ at: 0, unread: 1 })];

  assert.deepEqual([old, late, unread].sort(byUrgency), [unread, late, old]);
});
