import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Texts } from './texts.js';

test('Placeholders are filled and a value that looks like one is left alone', () => {
  const texts = new Texts({ Renamed: '{0} renamed it {1}' }, 'en');

  assert.equal(texts.say('Renamed', '{1}', 'tea'), '{1} renamed it tea');
});

test('A count picks the plural of its language', () => {
  const words = { 'New.one': '{0} new message', 'New.other': '{0} new messages' };
  const english = new Texts(words, 'en');

  assert.deepEqual([1, 2, 1234].map(n => english.count('New', n)), ['1 new message', '2 new messages', '1,234 new messages']);
  assert.equal(new Texts({ 'New.other': '{0} 則新訊息' }, 'zh-Hant').count('New', 1), '1 則新訊息');
});
