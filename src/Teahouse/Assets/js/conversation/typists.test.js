import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Typists } from './typists.js';

test('A name is gone five seconds after its last sign', () => {
  const typists = new Typists();
  typists.saw('alice', 0);
  typists.saw('alice', 2000);

  assert.deepEqual(typists.at(6999), { names: ['alice'], others: 0, nextChangeMs: 1 });
  assert.deepEqual(typists.at(7000), { names: [], others: 0, nextChangeMs: undefined });
});

test('More than three names are folded', () => {
  const typists = new Typists();
  for (const name of ['a', 'b', 'c', 'd', 'e']) typists.saw(name, 0);

  assert.deepEqual(typists.at(1).names, ['a', 'b', 'c']);
  assert.equal(typists.at(1).others, 2);
});

test('Sending ends typing at once', () => {
  const typists = new Typists();
  typists.saw('a', 0);
  typists.gone('a');

  assert.deepEqual(typists.at(1).names, []);
});
