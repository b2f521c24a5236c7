import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRecord, parseRecord, RECORD_BYTES, recordIn } from '../../../src-shared/rounds/record.ts';
import { hex } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';

const tag = hex('0011223344556677');
const parentId = hex('aa'.repeat(32));
const resultId = hex('bb'.repeat(32));
const numRuns = runs(500, 5_000);

describe('witness record', () => {
  it('has 77 bytes in the order of the rules', () => {
    const bytes = encodeRecord({ tag, round: 258, parentId, resultId });
    expect(bytes).toHaveLength(77);
    expect(RECORD_BYTES).toBe(77);
    const text = Buffer.from(bytes).toString('hex');
    expect(text).toBe(`01${tag}02010000${parentId}${resultId}`);
  });

  it('reads what it wrote, for every round and with or without a result', () => {
    const id = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((b) => hex(Buffer.from(b).toString('hex')));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), id, fc.option(id), (round, parent, result) => {
        fc.pre(result !== '0'.repeat(64));
        const record = { tag, round, parentId: parent, resultId: result };
        expect(parseRecord(encodeRecord(record))).toEqual(record);
      }),
      { numRuns },
    );
  });

  it('is not read from a field of another length or version', () => {
    const bytes = encodeRecord({ tag, round: 1, parentId, resultId });
    expect(parseRecord(bytes.subarray(0, 76))).toBeNull();
    expect(parseRecord(new Uint8Array([...bytes, 0]))).toBeNull();
    expect(parseRecord(Uint8Array.from(bytes, (byte, i) => (i === 0 ? 2 : byte)))).toBeNull();
    expect(parseRecord(new Uint8Array(0))).toBeNull();
  });

  it('is read at any offset of a larger buffer', () => {
    const bytes = encodeRecord({ tag, round: 9, parentId, resultId });
    const larger = new Uint8Array(200);
    larger.set(bytes, 13);
    expect(parseRecord(larger.subarray(13, 90))?.round).toBe(9);
  });

  it('refuses a round that does not fit', () => {
    expect(() => encodeRecord({ tag, round: 2 ** 32, parentId, resultId })).toThrow(RangeError);
    expect(() => encodeRecord({ tag, round: -1, parentId, resultId })).toThrow(RangeError);
  });

  it('is found beside an identity, only for its own run, and not when two contradict', () => {
    const own = encodeRecord({ tag, round: 1, parentId, resultId });
    const other = encodeRecord({ tag: hex('ff'.repeat(8)), round: 1, parentId, resultId });
    const identity = new TextEncoder().encode('peer');
    expect(recordIn([identity, own, other], tag)?.round).toBe(1);
    expect(recordIn([identity, other], tag)).toBeNull();
    expect(recordIn([own, encodeRecord({ tag, round: 2, parentId, resultId })], tag)).toBeNull();
  });
});
