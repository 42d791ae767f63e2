import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Live } from './live.js';

/** @typedef {import('../wire.js').Frame} Frame */

class FakeSocket {
  /** @type {FakeSocket[]} */
  static made = [];
  static get last() {
    return /** @type {FakeSocket} */ (FakeSocket.made.at(-1));
  }

  readyState = 1;
  /** @type {Frame[]} */
  sent = [];
  /** @type {((event: { data: string }) => void) | undefined} */
  onmessage;
  /** @type {((event: { code: number }) => void) | undefined} */
  onclose;

  constructor() {
    FakeSocket.made.push(this);
  }

  send(/** @type {string} */ text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = 3;
  }

  say(/** @type {Frame} */ frame) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  end(/** @type {number} */ code) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

/** @param {import('node:test').TestContext} context */
function open(context) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  context.after(() => mock.timers.reset());
  FakeSocket.made = [];
  /** @type {string[]} */
  const states = [];
  const live = new Live('ws://here/ws/', {
    onState: state => states.push(state.name),
    WebSocket: /** @type {typeof WebSocket} */ (/** @type {unknown} */ (FakeSocket)),
    random: () => 1,
  });
  live.start();
  return { live, states };
}

const hello = { type: 'hello', heartbeat_s: 20 };

test('Rooms are subscribed from where they stand, again after every reconnection', context => {
  const { live } = open(context);
  let rev = 5;
  live.join('tea', { position: () => ({ after: rev, epoch: 'e' }), receive: () => { rev++; } });

  FakeSocket.last.say(hello);
  assert.deepEqual(FakeSocket.last.sent, [{ type: 'subscribe', room: 'tea', after: 5, epoch: 'e' }]);
  FakeSocket.last.say({ type: 'message', room: 'tea' });
  FakeSocket.last.end(1006);
  mock.timers.tick(500);
  FakeSocket.last.say(hello);

  assert.equal(FakeSocket.made.length, 2);
  assert.deepEqual(FakeSocket.last.sent, [{ type: 'subscribe', room: 'tea', after: 6, epoch: 'e' }]);
});

test('Waits grow with the time it is away and begin anew after a greeting', context => {
  const { live } = open(context);
  const waits = [];
  for (let i = 0; i < 4; i++) {
    FakeSocket.last.end(1006);
    waits.push((live.state.retryAt ?? 0) - Date.now());
    mock.timers.tick(waits.at(-1) ?? 0);
  }
  FakeSocket.last.say(hello);
  FakeSocket.last.end(4408);
  waits.push((live.state.retryAt ?? 0) - Date.now());

  assert.deepEqual(waits, [500, 500, 1000, 2000, 500]);
});

test('Codes from 4500 on end it for good', context => {
  const { live, states } = open(context);
  FakeSocket.last.say(hello);
  FakeSocket.last.end(4501);

  mock.timers.tick(120_000);
  live.wake();

  assert.equal(FakeSocket.made.length, 1);
  assert.deepEqual(states, ['connecting', 'online', 'ended']);
  assert.equal(live.state.code, 4501);
});

test('A draining server is left in peace for the time it asked for', context => {
  open(context);
  FakeSocket.last.say(hello);
  FakeSocket.last.say({ type: 'drain', retry_ms: 3000 });
  FakeSocket.last.end(1012);

  mock.timers.tick(2999);
  assert.equal(FakeSocket.made.length, 1);
  mock.timers.tick(1);
  assert.equal(FakeSocket.made.length, 2);
});

test('Silence, and a wake without an answer, count as a lost connection', context => {
  const { live, states } = open(context);
  FakeSocket.last.say(hello);
  mock.timers.tick(50_000);
  assert.equal(states.at(-1), 'waiting');

  mock.timers.tick(500);
  FakeSocket.last.say(hello);
  live.wake();
  assert.deepEqual(FakeSocket.last.sent, [{ type: 'ping' }]);
  FakeSocket.last.say({ type: 'pong' });
  mock.timers.tick(4000);
  assert.equal(states.at(-1), 'online');
  live.wake();
  mock.timers.tick(4000);
  assert.equal(states.at(-1), 'waiting');
});

test('Waking during a wait connects at once', context => {
  const { live } = open(context);
  for (let i = 0; i < 5; i++) {
    FakeSocket.last.end(1006);
    if (i < 4) mock.timers.tick(30_000);
  }
  live.wake();

  assert.equal(FakeSocket.made.length, 6);
});

test('What cannot be put on the wire is told', context => {
  const { live } = open(context);

  assert.equal(live.send({ type: 'typing', room: 'tea' }), false);
  FakeSocket.last.say(hello);
  assert.equal(live.send({ type: 'typing', room: 'tea' }), true);
});

test('A room that was born under another spelling is the same room', context => {
  const { live } = open(context);
  /** @type {Frame[]} */
  const frames = [];
  live.join('AbC9', { position: () => ({}), receive: frame => frames.push(frame) });
  FakeSocket.last.say(hello);

  FakeSocket.last.say({ type: 'message', room: 'abc9', rev: 1 });
  FakeSocket.last.say({ type: 'heartbeat', rooms: { abc9: 2 } });

  assert.deepEqual(frames.map(frame => frame.type), ['message', 'heartbeat']);
  assert.deepEqual(frames[1]?.['rooms'], { AbC9: 2 });
});

test('A room that is refused again and again is asked for more and more seldom', context => {
  const { live } = open(context);
  live.join('tea', { position: () => ({}), receive: () => {} });
  FakeSocket.last.say(hello);
  const asked = () => FakeSocket.last.sent.length;
  const refuse = () => FakeSocket.last.say({ type: 'error', room: 'tea', code: 'rate_limited', retry_ms: 1000 });

  for (const wait of [1000, 2000, 4000]) {
    const before = asked();
    refuse();
    mock.timers.tick(wait - 1);
    assert.equal(asked(), before);
    mock.timers.tick(1);
    assert.equal(asked(), before + 1);
    FakeSocket.last.say({ type: 'pong' });
  }
  FakeSocket.last.say({ type: 'subscribed', room: 'tea' });
  const before = asked();
  refuse();
  mock.timers.tick(1000);
  assert.equal(asked(), before + 1);
});

test('A busy server is asked again steadily', context => {
  const { live } = open(context);
  live.join('tea', { position: () => ({}), receive: () => {} });
  FakeSocket.last.say(hello);

  for (let i = 0; i < 5; i++) {
    const before = FakeSocket.last.sent.length;
    FakeSocket.last.say({ type: 'error', room: 'tea', code: 'busy' });
    mock.timers.tick(1000);
    assert.equal(FakeSocket.last.sent.length, before + 1);
    FakeSocket.last.say({ type: 'pong' });
  }
});
