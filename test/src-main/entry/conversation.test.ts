import { PassThrough } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { hiddenInput, terminalConversation } from '../../../src-main/entry/conversation.ts';

const { signal } = new AbortController();

describe('a line that is not shown', () => {
  it.each<[string, readonly string[], unknown]>([
    ['as it was typed, blanks and all', [' pass wörd \r'], { line: ' pass wörd ' }],
    ['letter by letter', ['a', 'b', '\r'], { line: 'ab' }],
    ['without what was taken back', ['ax\u007f', 'b\b\b\b\r'], { line: '' }],
    ['whole letters at a time', ['😀\u007fa\n'], { line: 'a' }],
    ['without keys that move a cursor', ['a\u001b[D', '\u001b[3~\u001bOHb\r'], { line: 'ab' }],
    ['to its end alone', ['ab\rcd'], { line: 'ab' }],
    ['not before Enter', ['abc'], 'more'],
    ['not of who leaves by Ctrl+C', ['abc\u0003'], 'left'],
    ['not of who leaves by Ctrl+D', ['\u0004'], 'left'],
  ])('is taken %s', (_how, chunks, outcome) => {
    const line = hiddenInput();
    expect(chunks.map((chunk) => line(chunk)).at(-1)).toEqual(outcome);
  });
});

it.each([
  [true, false],
  [false, true],
])('asks nothing where one side is no terminal (%s, %s)', (isIn, isOut) => {
  const input = Object.assign(new PassThrough(), { isTTY: isIn }) as unknown as ReadStream;
  const output = Object.assign(new PassThrough(), { isTTY: isOut }) as unknown as WriteStream;
  expect(() => terminalConversation(input, output, signal)).toThrow(
    expect.objectContaining({ code: 'TERMINAL_NEEDED' }),
  );
});
