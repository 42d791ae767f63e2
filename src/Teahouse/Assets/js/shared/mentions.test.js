import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mentions } from './mentions.js';

// The same cases stand in MentionsTests.
const cases = /** @type {[string, string, boolean][]} */ ([
  ['@alice', 'alice', true],
  ['Hi @Alice!', 'alice', true],
  ['hi @alice.', 'alice', true],
  ['(@alice)', 'alice', true],
  ['@alice @bob', 'bob', true],
  ['alice', 'alice', false],
  ['@alicea', 'alice', false],
  ['@alice_b', 'alice', false],
  ['@alice.b', 'alice', false],
  ['@alice-b', 'alice', false],
  ['mail bob@alice', 'alice', false],
  ['@alice@example.org', 'alice', false],
  ['x@alice @alice', 'alice', true],
  ['@bob.k', 'bob.k', true],
  ['@b(o', 'b(o', true],
  ['請看@alice的圖', 'alice', true],
  ['＠ＡＬＩＣＥ 你好', 'alice', true],
  ['@小明 你好', '小明', true],
  ['@小明，你好', '小明', true],
  ['@小明華', '小明', false],
  ['@愛麗絲 Liddell 來了', '愛麗絲 Liddell', true],
  ['@Žofie', 'žofie', true],
  ['@𠮷野家', '𠮷野', false],
  ['@alice𠮷', 'alice', true],
  ['@', 'alice', false],
  ['@alice', '', false],
]);

test('Somebody is called by a whole name, in any case and script', () => {
  for (const [text, name, is] of cases) assert.equal(mentions(text, [name]), is, `${name} in: ${text}`);
});

test('Either of two names calls its owner', () => {
  assert.equal(mentions('@愛麗絲 早', ['alice', '愛麗絲']), true);
  assert.equal(mentions('@ALICE 早', ['alice', '愛麗絲']), true);
  assert.equal(mentions('@bob 早', ['alice', '愛麗絲']), false);
});
