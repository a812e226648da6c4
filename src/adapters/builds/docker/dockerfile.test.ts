import { expect, test } from 'vitest';
import { hasSyntaxLine, withoutSyntaxLine } from './dockerfile.ts';

test.each([
  ['# syntax=docker/dockerfile:1\nFROM a', true],
  ['#syntax = docker/dockerfile:1.7-labs\r\nFROM a', true],
  ['# escape=`\n# syntax=docker/dockerfile\nFROM a', true],
  ['# syntax=example.com/own:1\nFROM a', false],
  ['FROM a\n# syntax=docker/dockerfile:1\n', false],
  ['FROM a', false],
])('%j asks for Docker’s own frontend: %s', (text, expected) => expect(hasSyntaxLine(text)).toBe(expected));

test('without the syntax line every other line keeps its number', () => {
  expect(withoutSyntaxLine('# escape=`\n# syntax=docker/dockerfile:1\nFROM a\n')).toBe('# escape=`\n#\nFROM a\n');
});
