import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkPieces } from './links.js';

test('An address inside Han text ends at its punctuation', () => {
  assert.deepEqual(linkPieces('請看 https://example.org/茶?a=1，謝謝'), [
    { text: '請看 ' },
    { text: 'https://example.org/茶?a=1', href: 'https://example.org/茶?a=1' },
    { text: '，謝謝' },
  ]);
});

test('A closing mark belongs to the sentence and nothing is lost', () => {
  const text = 'see (http://a.example/x). javascript:alert(1) http:// end';

  const pieces = linkPieces(text);

  assert.equal(pieces.map(piece => piece.text).join(''), text);
  assert.deepEqual(pieces.flatMap(piece => piece.href ?? []), ['http://a.example/x']);
});
