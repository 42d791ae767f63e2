import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { ListClock } from './list-clock.js';

/** @param {import('node:test').TestContext} context */
function clockOf(context) {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  context.after(() => mock.timers.reset());
  const asked = { count: 0 };
  const clock = new ListClock(() => Promise.resolve(void asked.count++), () => 0.5);
  return { clock, asked };
}

/** @param {import('../shared/live.js').State['name']} name */
const state = name => ({ name, failures: 0 });

test('asks once for several reasons', context => {
  const { clock, asked } = clockOf(context);
  clock.soon();
  clock.soon();
  mock.timers.tick(299);
  assert.equal(asked.count, 0);
  mock.timers.tick(1);
  assert.equal(asked.count, 1);
});

test('the first connection is no reason to ask, one that comes back is', context => {
  const { clock, asked } = clockOf(context);
  clock.connection(state('connecting'), false);
  clock.connection(state('online'), false);
  mock.timers.tick(10_000);
  assert.equal(asked.count, 0);
  clock.connection(state('waiting'), false);
  clock.connection(state('online'), false);
  mock.timers.tick(1499);
  assert.equal(asked.count, 0);
  mock.timers.tick(1);
  assert.equal(asked.count, 1);
});

test('asks again and again while no socket can be had', context => {
  const { clock, asked } = clockOf(context);
  // What a timer sets off counts from then on.
  const pass = (/** @type {number} */ ms) => Array.from({ length: ms / 100 }, () => mock.timers.tick(100));
  clock.connection(state('waiting'), true);
  clock.connection(state('connecting'), true);
  pass(300);
  assert.equal(asked.count, 1);
  pass(10_000);
  assert.equal(asked.count, 3);
  clock.connection(state('online'), false);
  pass(20_000);
  assert.equal(asked.count, 3);
});

test('what may come often is no reason to ask more often than one polls', async context => {
  const { clock, asked } = clockOf(context);
  context.mock.method(performance, 'now', () => 60_000);
  clock.seldom();
  mock.timers.tick(300);
  assert.equal(asked.count, 1);
  await Promise.resolve().then(() => undefined);
  clock.seldom();
  mock.timers.tick(4999);
  assert.equal(asked.count, 1);
  mock.timers.tick(1);
  assert.equal(asked.count, 2);
});
