import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OtherRooms } from './other-rooms.js';

const two = () => {
  const others = new OtherRooms('alice');
  others.replace('tea 4 0,coffee 7 2');
  return others;
};

test('counts what is unread in them', () => {
  assert.equal(two().unread, 2);
});

test('a message moves its room once', () => {
  const others = two();
  const frame = { type: 'message', room: 'tea', rev: 5 };
  assert.equal(others.moves('tea', frame), true);
  assert.equal(others.moves('tea', frame), false);
});

test('an answer or a heartbeat that tells of more moves its room', () => {
  const others = two();
  assert.equal(others.moves('tea', { type: 'subscribed', room: 'tea', rev: 4 }), false);
  assert.equal(others.moves('tea', { type: 'subscribed', room: 'tea', rev: 6 }), true);
  assert.equal(others.moves('coffee', { type: 'heartbeat', rooms: { tea: 9 } }), false);
  assert.equal(others.moves('coffee', { type: 'heartbeat', rooms: { coffee: 8 } }), true);
});

test('my own reading elsewhere moves a room with something unread', () => {
  const others = two();
  assert.equal(others.moves('coffee', { type: 'read', room: 'coffee', user: 'alice', seq: 7 }), true);
  assert.equal(others.moves('coffee', { type: 'read', room: 'coffee', user: 'bob', seq: 7 }), false);
  assert.equal(others.moves('tea', { type: 'read', room: 'tea', user: 'alice', seq: 4 }), false);
});

test('tells which are new when they are replaced', () => {
  assert.deepEqual(two().replace('tea 5 0,milk 1 1'), ['milk']);
  assert.deepEqual(two().replace(undefined), []);
});
