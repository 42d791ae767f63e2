import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EnterKey } from './enter-key.js';

/** @param {Partial<KeyboardEvent>} press */
const enter = press => ({
  key: 'Enter', keyCode: 13, isComposing: false, timeStamp: 0, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...press,
});

test('Enter sends; with Shift it breaks the line', () => {
  const key = new EnterKey();

  assert.equal(key.sends(enter({}), false), true);
  assert.equal(key.sends(enter({ shiftKey: true }), false), false);
  assert.equal(key.sends(enter({ key: 'a', keyCode: 65 }), false), false);
});

test('On a touch keyboard only Ctrl or Command with Enter sends', () => {
  const key = new EnterKey();

  assert.equal(key.sends(enter({}), true), false);
  assert.equal(key.sends(enter({ ctrlKey: true }), true), true);
  assert.equal(key.sends(enter({ metaKey: true }), true), true);
});

test('The Enter that confirms a candidate never sends: keydown before compositionend', () => {
  const key = new EnterKey();

  assert.equal(key.sends(enter({ isComposing: true, keyCode: 229, timeStamp: 10 }), false), false);
  key.compositionEnded(12);
  assert.equal(key.sends(enter({ timeStamp: 400 }), false), true);
});

test('The Enter that confirms a candidate never sends: compositionend first, as in Safari', () => {
  const key = new EnterKey();
  key.compositionEnded(1000);

  assert.equal(key.sends(enter({ keyCode: 229, timeStamp: 1001 }), false), false);
  assert.equal(key.sends(enter({ keyCode: 229, ctrlKey: true, timeStamp: 1001 }), false), false);
  assert.equal(key.sends(enter({ keyCode: 229, timeStamp: 1200 }), false), true);
});

test('A bare 229 Enter without any composition sends', () => {
  assert.equal(new EnterKey().sends(enter({ keyCode: 229, timeStamp: 5 }), false), true);
});
