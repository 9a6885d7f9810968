import { describe, expect, test } from 'vitest';
import {
  type ByteString,
  hasValidTokens,
  isLiteral,
  isPublishSubject,
  isValidSubject,
  toBytes,
  tokenCount,
  tokensOf,
  toText,
} from '../../src/subjects/index.ts';

const b = (text: string) => text as ByteString;

describe('isValidSubject', () => {
  test.each([
    'a',
    'a.b',
    '*',
    '>',
    'a.*.b',
    'a.>',
    'foo*',
    'a.b>',
    '>>',
    'a.>>',
    '$SYS',
    'f\xc3\xb6',
    'a\x01b',
  ])('takes %j', (subject) => {
    expect(isValidSubject(b(subject))).toBe(true);
  });
  test.each(['', '.', 'a.', '.a', 'a..b', 'a.>.b', '>.a', 'a b', 'a\tb', 'a\nb', 'a\rb', 'a\fb'])(
    'refuses %j',
    (subject) => {
      expect(isValidSubject(b(subject))).toBe(false);
    },
  );
});

describe('hasValidTokens', () => {
  test.each(['a\rb', 'a\fb', 'a b', 'a.>', '*'])('does not look at white space: %j', (subject) => {
    expect(hasValidTokens(b(subject))).toBe(true);
  });
  test.each(['', 'a.', '.a', 'a..b', 'a.>.b'])('refuses %j', (subject) => {
    expect(hasValidTokens(b(subject))).toBe(false);
  });
});

test('isLiteral tells wildcard tokens from characters', () => {
  for (const subject of ['a', 'a*', '*a', 'a.b>', '>>', '**', 'a.>b.c'])
    expect(isLiteral(b(subject)), subject).toBe(true);
  for (const subject of ['*', '>', 'a.*', 'a.>', '*.a', 'a.*.b'])
    expect(isLiteral(b(subject)), subject).toBe(false);
});

test('isPublishSubject takes what names exactly one subject', () => {
  for (const subject of ['a.b', 'a\fb', 'a*', 'a.b>'])
    expect(isPublishSubject(b(subject)), subject).toBe(true);
  for (const subject of ['a.*', 'a.>', 'a..b', '']) expect(isPublishSubject(b(subject)), subject).toBe(false);
});

test('tokensOf and tokenCount agree', () => {
  for (const subject of ['a', 'a.b', 'a..b', '', '.']) {
    expect(tokenCount(b(subject)), subject).toBe(tokensOf(b(subject)).length);
  }
});

test('toBytes and toText convert at the edges', () => {
  expect(toBytes('abc')).toBe('abc');
  expect(toBytes('föö')).toBe('f\xc3\xb6\xc3\xb6');
  expect(toText(toBytes('föö€𝄞'))).toBe('föö€𝄞');
  expect(toText(b('\xff'))).toBe('\ufffd');
});
