import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeIdentityField,
  IDENTITY_FIELD_BYTES,
  identityIn,
  parseIdentityField,
} from '../../../src-shared/rounds/identity-field.ts';
import { hex } from '../../../src-shared/units.ts';

const tag = hex('0102030405060708');
const peerKey = hex('ab'.repeat(32));

describe('the identity field of a commitment', () => {
  it('is version, run tag and peer key', () => {
    const field = encodeIdentityField({ tag, peerKey });
    expect(Buffer.from(field).toString('hex')).toBe(`01${tag}${peerKey}`);
    expect(field).toHaveLength(IDENTITY_FIELD_BYTES);
  });

  it('is read back as it was written', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const asHex = (part: Uint8Array) => hex(Buffer.from(part).toString('hex'));
    fc.assert(
      fc.property(bytes(8), bytes(32), (t, k) => {
        const identity = { tag: asHex(t), peerKey: asHex(k) };
        expect(parseIdentityField(encodeIdentityField(identity))).toEqual(identity);
      }),
      { numRuns: process.env.BUTTERFLY_LONG ? 2_000 : 200, seed: 20_261_122 },
    );
  });

  it.each([
    ['too short', new Uint8Array(40).fill(1)],
    ['too long', new Uint8Array(42).fill(1)],
    ['of another version', new Uint8Array(41).fill(2)],
    ['empty', new Uint8Array()],
  ])('that is %s is none', (_name, field) => expect(parseIdentityField(field)).toBeNull());

  it('is found among other fields by its run', () => {
    const mine = encodeIdentityField({ tag, peerKey });
    const other = encodeIdentityField({ tag: hex('ff'.repeat(8)), peerKey });
    expect(identityIn([new Uint8Array(77), other, mine], tag)).toEqual({ tag, peerKey });
    expect(identityIn([other], tag)).toBeNull();
  });

  it('counts for nothing when a slot holds two of one run', () => {
    const mine = encodeIdentityField({ tag, peerKey });
    expect(identityIn([mine, mine], tag)).toBeNull();
  });

  it('does not encode a key of another length', () => {
    expect(() => encodeIdentityField({ tag, peerKey: hex('ab') })).toThrow(RangeError);
  });
});
