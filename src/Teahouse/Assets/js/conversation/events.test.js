import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Texts } from '../shared/texts.js';
import { sayEvent } from './events.js';

const texts = new Texts({ 'Event.title_changed': '{0} renamed the room to “{2}”' }, 'en');

test('A known event is said in the reader’s language with its names isolated', () => {
  const said = sayEvent({ message: '改名', event: { type: 'title_changed', actor: 'alice', value: 'Tea' } }, texts);

  assert.equal(said, '\u2068alice\u2069 renamed the room to “\u2068Tea\u2069”');
});

test('An unknown event is said in the server’s words', () => {
  assert.equal(sayEvent({ message: '新的事', event: { type: 'later_invention' } }, texts), '新的事');
  assert.equal(sayEvent({ message: '舊的事', event: null }, texts), '舊的事');
});
