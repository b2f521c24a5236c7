import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { genesisId, resultId } from '../../../src-shared/rounds/ids.ts';
import { hex } from '../../../src-shared/units.ts';

const digest = (byte: string) => hex(byte.repeat(32));

const entry = (round: number, roster = 'bb', results = 'dd', base = 'cc') => ({
  round,
  rosterDigest: digest(roster),
  resultsDigest: digest(results),
  baseDigest: digest(base),
});

test('a result id is the hash of parent, round in little endian, roster, results and base', () => {
  const record = Buffer.concat([
    Buffer.from('aa'.repeat(32), 'hex'),
    Buffer.from('04030201', 'hex'),
    Buffer.from('bb'.repeat(32), 'hex'),
    Buffer.from('dd'.repeat(32), 'hex'),
    Buffer.from('cc'.repeat(32), 'hex'),
  ]);
  const expected = createHash('sha256').update(record).digest('hex');
  expect(resultId(digest('aa'), entry(0x01020304))).toBe(expected);
});

test('every part of the record changes the result id', () => {
  const ids = [
    resultId(digest('aa'), entry(1)),
    resultId(digest('ab'), entry(1)),
    resultId(digest('aa'), entry(2)),
    resultId(digest('aa'), entry(1, 'bc')),
    resultId(digest('aa'), entry(1, 'bb', 'de')),
    resultId(digest('aa'), entry(1, 'bb', 'dd', 'cd')),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

test('a round beyond 32 bits and a short digest are refused', () => {
  expect(() => resultId(digest('aa'), entry(2 ** 32))).toThrow(RangeError);
  expect(() => resultId(digest('aa'), entry(-1))).toThrow(RangeError);
  expect(() => resultId(hex('aa'), entry(1))).toThrow(RangeError);
});

test('the genesis id depends on profile and initial weights', () => {
  const id = genesisId(digest('aa'), digest('bb'));
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  expect(genesisId(digest('bb'), digest('aa'))).not.toBe(id);
});
