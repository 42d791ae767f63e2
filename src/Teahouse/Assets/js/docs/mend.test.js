import assert from 'node:assert/strict';
import { test } from 'node:test';
import { say } from './mend.js';

const words = { 'Try it out': '試用', characters: '個字元' };

test('the viewer\'s words are said in the page\'s language, with the space around them', () => {
  assert.equal(say('Try it out ', words), '試用 ');
  assert.equal(say('≤ 64 characters', words), '≤ 64 個字元');
});

test('what is none of its words stays as it is', () => {
  for (const text of ['', ' ', 'constructor', 'alice', 'characters of a play']) assert.equal(say(text, words), text);
  assert.equal(say('Try it out', {}), 'Try it out');
});
