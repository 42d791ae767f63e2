import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outbox } from './outbox.js';

/** @typedef {import('../wire.js').Pending} Pending */

function shelf() {
  /** @type {string} */
  let kept = '[]';
  return {
    load: () => /** @type {Pending[]} */ (JSON.parse(kept)),
    save: (/** @type {Pending[]} */ items) => { kept = JSON.stringify(items); },
  };
}

/** @param {string[]} messages */
function outboxWith(messages, isKnown = true) {
  const kept = shelf();
  const outbox = new Outbox(kept, { isKnown });
  for (const message of messages) outbox.add(message, `n-${message}`, '2026-11-21T00:00:00Z');
  return { outbox, kept };
}

test('Messages leave in order, the next one after the answer to the last', () => {
  const { outbox } = outboxWith(['a', 'b']);

  assert.equal(outbox.next()?.message, 'a');
  assert.equal(outbox.next(), undefined);
  outbox.confirm('n-a');
  assert.equal(outbox.next()?.message, 'b');
});

test('A lost connection puts the message back in its place with its nonce', () => {
  const { outbox } = outboxWith(['a', 'b']);
  outbox.next();

  outbox.interrupt('uncertain');

  assert.deepEqual(outbox.items.map(item => [item.nonce, item.state]), [['n-a', 'waiting'], ['n-b', 'waiting']]);
  assert.equal(outbox.next()?.nonce, 'n-a');
});

test('A visitor whom the server cannot know again decides about the repeat', () => {
  const { outbox } = outboxWith(['a'], false);
  outbox.next();

  outbox.interrupt('uncertain');

  assert.deepEqual(outbox.items.map(item => [item.state, item.reason]), [['failed', 'uncertain']]);
});

test('Passing refusals wait, others fail with their reason and let the next one go', () => {
  const { outbox } = outboxWith(['a', 'b']);
  outbox.next();

  assert.equal(outbox.refuse('n-a', 'rate_limited', 'slow'), true);
  assert.equal(outbox.next()?.message, 'a');
  assert.equal(outbox.refuse('n-a', 'too_long', 'long'), false);
  assert.deepEqual([outbox.items[0]?.state, outbox.items[0]?.reason], ['failed', 'long']);
  assert.equal(outbox.next()?.message, 'b');
});

test('A retry keeps nonce and place; a discarded message is gone', () => {
  const { outbox } = outboxWith(['a', 'b']);
  outbox.next();
  outbox.refuse('n-a', 'too_long', 'long');

  outbox.retry('n-a');
  assert.equal(outbox.next()?.nonce, 'n-a');
  outbox.discard('n-a');
  assert.deepEqual(outbox.items.map(item => item.message), ['b']);
});

test('The queue outlives the page, with what was on its way', () => {
  const { outbox, kept } = outboxWith(['a', 'b']);
  outbox.next();

  const reopened = new Outbox(kept, { isKnown: true });

  assert.deepEqual(reopened.items.map(item => [item.message, item.state]), [['a', 'waiting'], ['b', 'waiting']]);
});

test('Confirming twice, by ack and by the message itself, is harmless', () => {
  const { outbox } = outboxWith(['a']);

  assert.equal(outbox.confirm('n-a')?.message, 'a');
  assert.equal(outbox.confirm('n-a'), undefined);
  assert.equal(outbox.confirm(undefined), undefined);
});
