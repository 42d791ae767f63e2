import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWanted, readWishes } from './alerts.js';

/** @param {Partial<import('../wire.js').Message>} [rest] @returns {import('../wire.js').Message} */
const said = rest => ({ id: 1, seq: 1, rev: 1, user: 'bob', guest: false, kind: 'text', message: '早安', timestamp: '', ...rest });

/** @param {string} of */
const wishes = of => readWishes({ me: 'alice', meName: '愛麗絲', notify: of, sound: 'true' });

test('Whoever wants every message is told of each, and whoever wants none of nothing', () => {
  assert.equal(isWanted(said(), wishes('all'), false), true);
  assert.equal(isWanted(said({ message: '@alice' }), wishes('none'), true), false);
});

test('Mentions are told of by either name, and project chats in any case', () => {
  assert.equal(isWanted(said(), wishes('mentions'), false), false);
  assert.equal(isWanted(said({ message: '@Alice 早' }), wishes('mentions'), false), true);
  assert.equal(isWanted(said({ message: '@愛麗絲 早' }), wishes('mentions'), false), true);
  assert.equal(isWanted(said(), wishes('mentions'), true), true);
});

test('Nobody is told of their own words, of what was removed, or of what the room itself says', () => {
  assert.equal(isWanted(said({ user: 'alice', message: '@alice' }), wishes('all'), true), false);
  assert.equal(isWanted(said({ user: 'alice', guest: true }), wishes('all'), false), true);
  assert.equal(isWanted(said({ deleted: true }), wishes('all'), false), false);
  assert.equal(isWanted(said({ kind: 'system' }), wishes('all'), false), false);
});

test('A page that says nothing of wishes means every message, silently', () => {
  assert.deepEqual(readWishes({ me: 'alice' }), { me: 'alice', names: ['alice', ''], of: 'all', hasSound: false });
});
