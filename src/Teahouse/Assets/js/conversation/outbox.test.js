import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outbox } from './outbox.js';
import { Shelf } from './shelf.js';

/** The storage that all tabs of a browser share. */
function storage() {
  /** @type {Map<string, string>} */
  const kept = new Map();
  return /** @type {Storage} */ ({
    get length() { return kept.size; },
    key: index => [...kept.keys()][index] ?? null,
    getItem: key => kept.get(key) ?? null,
    setItem: (key, value) => { kept.set(key, value); },
    removeItem: key => { kept.delete(key); },
    clear: () => kept.clear(),
  });
}

/** @param {string[]} messages */
function outboxWith(messages, isKnown = true) {
  const kept = storage();
  const outbox = open(kept, isKnown);
  for (const message of messages) outbox.add(message, `n-${message}`, '2026-11-21T00:00:00Z');
  return { outbox, kept };
}

/** The outbox of another page of the same browser. @param {Storage} kept */
function open(kept, isKnown = true) {
  return new Outbox(new Shelf('outbox:me:tea', kept), { isKnown });
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

  const reopened = open(kept);

  assert.deepEqual(reopened.items.map(item => [item.message, item.state]), [['a', 'waiting'], ['b', 'waiting']]);
});

test('Confirming twice, by ack and by the message itself, is harmless', () => {
  const { outbox } = outboxWith(['a']);

  assert.equal(outbox.confirm('n-a')?.message, 'a');
  assert.equal(outbox.confirm('n-a'), undefined);
  assert.equal(outbox.confirm(undefined), undefined);
});

test('What one tab writes another tab does not overwrite', () => {
  const { outbox: first, kept } = outboxWith(['m1']);
  const second = open(kept);

  first.add('m2', 'n-m2', '2026-11-21T00:00:01Z');
  second.add('b1', 'n-b1', '2026-11-21T00:00:02Z');

  assert.deepEqual(open(kept).items.map(item => item.message), ['m1', 'm2', 'b1']);
});

test('What one tab confirms or discards is gone from the others, and does not come back', () => {
  const { outbox: first, kept } = outboxWith(['a', 'b', 'c']);
  const second = open(kept);
  assert.equal(second.next()?.message, 'a');

  first.confirm('n-a');
  first.discard('n-b');
  second.interrupt('uncertain');

  assert.deepEqual(second.items.map(item => item.message), ['c']);
  assert.equal(second.next()?.message, 'c');
  first.discard('n-c');
  second.refuse('n-c', 'busy', '');
  assert.deepEqual(open(kept).items, []);
});

test('Of a visitor whom the server cannot know again one tab alone sends', () => {
  const { outbox: first, kept } = outboxWith(['a'], false);
  const second = open(kept, false);

  assert.equal(first.next()?.message, 'a');

  assert.equal(second.next(), undefined);
});

test('What was written under messages that the room does not have waits for its writer, who may still send it', () => {
  const kept = storage();
  const outbox = open(kept);
  outbox.add('before', 'n-before', '2026-11-21T00:00:00Z', { seq: 3, epoch: 'e' });
  outbox.add('old', 'n-old', '2026-11-21T00:00:01Z', { seq: 9, epoch: 'e' });
  outbox.add('other', 'n-other', '2026-11-21T00:00:02Z', { seq: 9, epoch: 'of before a restore' });

  outbox.holdStrangers({ seq: 3, epoch: 'e' }, 'begun anew');

  assert.deepEqual(open(kept).items.map(item => [item.message, item.state, item.reason]), [['before', 'waiting', undefined], ['old', 'failed', 'begun anew'], ['other', 'waiting', undefined]]);
  outbox.retry('n-old');
  outbox.holdStrangers({ seq: 3, epoch: 'e' }, 'begun anew');
  assert.deepEqual(outbox.items.map(item => item.state), ['waiting', 'waiting', 'waiting']);
});

test('Where nothing can be sent any more each message can only be taken along, whatever was the matter with it before', () => {
  const { outbox, kept } = outboxWith(['a', 'b']);
  outbox.next();
  outbox.refuse('n-a', 'too_long', 'long');

  outbox.end('over');

  assert.deepEqual(open(kept).items.map(item => [item.state, item.reason, item.isFinal]), [['failed', 'over', true], ['failed', 'over', true]]);
  assert.equal(outbox.next(), undefined);
});

test('A lost connection of one tab leaves alone what another has on its way', () => {
  const { outbox: first, kept } = outboxWith(['a', 'b'], false);
  const second = open(kept, false);
  first.confirm('n-a');
  assert.equal(first.next()?.message, 'b');

  second.interrupt('uncertain');

  assert.equal(JSON.parse(kept.getItem('outbox:me:tea:n-b') ?? '{}').state, 'sending');
  assert.equal(second.next(), undefined);
});

test('What another tab has confirmed does not come back when this one gives up', () => {
  const { outbox: first, kept } = outboxWith(['a', 'b']);
  const second = open(kept);
  first.confirm('n-a');

  second.end('over');
  second.retry('n-a');

  assert.deepEqual(open(kept).items.map(item => item.message), ['b']);
});

test('A list of an earlier page is taken over, and a full storage forgets nothing while the page is open', () => {
  const kept = storage();
  kept.setItem('outbox:me:tea', JSON.stringify([{ nonce: 'n-old', message: 'old', at: '2026-11-21T00:00:00Z', state: 'waiting' }]));
  const outbox = open(kept);
  kept.setItem = () => { throw new Error('full'); };

  outbox.add('new', 'n-new', '2026-11-21T00:00:01Z');

  assert.equal(kept.getItem('outbox:me:tea'), null);
  assert.equal(outbox.next()?.message, 'old');
  outbox.confirm('n-old');
  assert.equal(outbox.next()?.message, 'new');
});

test('A list of an earlier page that cannot be read is given up, and nothing else', () => {
  const kept = storage();
  open(kept).add('new', 'n-new', '2026-11-21T00:00:01Z');
  kept.setItem('outbox:me:tea', 'no list');

  assert.deepEqual(open(kept).items.map(item => item.message), ['new']);
  assert.equal(kept.getItem('outbox:me:tea'), null);
});
