import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { genesisId, resultId } from '../../../src-shared/rounds/ids.ts';
import { hex } from '../../../src-shared/units.ts';

const digest = (byte: string) => hex(byte.repeat(32));

test('a result id is the hash of parent, round in little endian, roster and base', () => {
  const record = Buffer.concat([
    Buffer.from('aa'.repeat(32), 'hex'),
    Buffer.from('04030201', 'hex'),
    Buffer.from('bb'.repeat(32), 'hex'),
    Buffer.from('cc'.repeat(32), 'hex'),
  ]);
  const expected = createHash('sha256').update(record).digest('hex');
  expect(resultId(digest('aa'), 0x01020304, digest('bb'), digest('cc'))).toBe(expected);
});

test('every part of the record changes the result id', () => {
  const ids = [
    resultId(digest('aa'), 1, digest('bb'), digest('cc')),
    resultId(digest('ab'), 1, digest('bb'), digest('cc')),
    resultId(digest('aa'), 2, digest('bb'), digest('cc')),
    resultId(digest('aa'), 1, digest('bc'), digest('cc')),
    resultId(digest('aa'), 1, digest('bb'), digest('cd')),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

test('a round beyond 32 bits and a short digest are refused', () => {
  expect(() => resultId(digest('aa'), 2 ** 32, digest('bb'), digest('cc'))).toThrow(RangeError);
  expect(() => resultId(digest('aa'), -1, digest('bb'), digest('cc'))).toThrow(RangeError);
  expect(() => resultId(hex('aa'), 1, digest('bb'), digest('cc'))).toThrow(RangeError);
});

test('the genesis id depends on profile and initial weights', () => {
  const id = genesisId(digest('aa'), digest('bb'));
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  expect(genesisId(digest('bb'), digest('aa'))).not.toBe(id);
});
