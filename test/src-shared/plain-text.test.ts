import { describe, expect, it } from 'vitest';
import { plainText } from '../../src-shared/plain-text.ts';

describe('a text for a terminal', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u009b31mred', 'red'],
    ['\u001b]0;a title\u0007said', 'said'],
    ['\u001b]8;;https://example.org\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u001b]0;no end\nthe next line', '\nthe next line'],
    ['\u001bcreset', 'reset'],
    ['over\rwritten, b\bell\u0007', 'overwritten, bell'],
    ['left\u202eright\u200b\ufeff', 'leftright'],
    ['a tab\tand\ntwo lines, über 🦋', 'a tab\tand\ntwo lines, über 🦋'],
    ['lines of a file\r\nend so\r\n', 'lines of a file\r\nend so\r\n'],
    ['ends in the midst \u001b[3', 'ends in the midst '],
  ])('has nothing in it that a terminal obeys: %j', (text, plain) => {
    expect(plainText(text)).toBe(plain);
  });
});
