import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeIdentityField,
  fitsIdentityField,
  IDENTITY_FIELD_BYTES,
  IDENTITY_FIELD_BYTES_MOST,
  identityIn,
  parseIdentityField,
} from '../../../src-shared/rounds/identity-field.ts';
import type { StoreAddress } from '../../../src-shared/stores/store-address.ts';
import { hex } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';

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
        const identity = { tag: asHex(t), peerKey: asHex(k), store: null };
        expect(parseIdentityField(encodeIdentityField(identity))).toEqual(identity);
      }),
      { numRuns: runs(200, 2_000) },
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
    expect(identityIn([new Uint8Array(77), other, mine], tag)).toEqual({ tag, peerKey, store: null });
    expect(identityIn([other], tag)).toBeNull();
  });

  it('counts for nothing when a slot holds two of one run', () => {
    const mine = encodeIdentityField({ tag, peerKey });
    expect(identityIn([mine, mine], tag)).toBeNull();
  });

  describe('with a store', () => {
    const key = { keyId: '1f'.repeat(16), secretKey: '2e'.repeat(32) };
    const bucket = {
      kind: 's3',
      endpoint: `${'3d'.repeat(16)}.r2.cloudflarestorage.com`,
      bucket: 'run-001',
    } as const;
    const stores: readonly [string, StoreAddress][] = [
      ['of the Hub', { kind: 'hub', repository: 'butterfly/run-1' }],
      ['of the web', { kind: 'web', url: 'https://example.org/run/' }],
      ['in a bucket that is open', { ...bucket, readKey: null }],
      ['in a bucket with its key, whose text would not fit', { ...bucket, readKey: key }],
      [
        'in a bucket whose key is none of R2',
        { ...bucket, endpoint: 's3.example.org', readKey: { keyId: 'AK', secretKey: 'a/b' } },
      ],
    ];

    it.each(stores)('%s is read back as it was written, in one field of a chain', (_what, store) => {
      const field = encodeIdentityField({ tag, peerKey, store });
      expect(field.length).toBeLessThanOrEqual(IDENTITY_FIELD_BYTES_MOST);
      expect(parseIdentityField(field)).toEqual({ tag, peerKey, store });
    });

    it.each<[string, StoreAddress]>([
      ['too long', { kind: 'web', url: `https://example.org/${'a'.repeat(90)}/` }],
      ['of this computer', { kind: 'folder', path: '/srv' }],
      ['of the own network', { kind: 'web', url: 'https://192.168.1.2/' }],
    ])('that is %s is not told', (_what, store) => {
      expect(fitsIdentityField(store)).toBe(false);
      expect(() => encodeIdentityField({ tag, peerKey, store })).toThrow(RangeError);
    });

    it('that is none, or leads into the reader’s own network, still binds the peer', () => {
      const bound = encodeIdentityField({ tag, peerKey, store: { kind: 'hub', repository: 'a/b' } }).slice(
        0,
        41,
      );
      const text = (address: string) => Uint8Array.of(...bound, 0, ...new TextEncoder().encode(address));
      for (const field of [
        text('ftp://x'),
        text('http://127.0.0.1:1/'),
        text('folder:/etc'),
        Uint8Array.of(...bound, 7),
      ])
        expect(parseIdentityField(field)).toEqual({ tag, peerKey, store: null });
    });

    it('of a stranger is one that would be written as it stands there, or none', () => {
      const head = encodeIdentityField({ tag, peerKey, store: { kind: 'hub', repository: 'a/b' } }).slice(
        0,
        41,
      );
      const tails = fc.oneof(
        fc.uint8Array({ maxLength: 100 }),
        fc.uint8Array({ minLength: 70, maxLength: 87 }).map((bytes) => Uint8Array.of(1, ...bytes)),
        fc
          .string({ maxLength: 60 })
          .map((text) => Uint8Array.of(0, ...new TextEncoder().encode(`hub:${text}`))),
      );
      fc.assert(
        fc.property(tails, (tail) => {
          const field = Uint8Array.of(...head, ...tail);
          const read = parseIdentityField(field);
          if (tail.length === 0 || field.length > IDENTITY_FIELD_BYTES_MOST) expect(read).toBeNull();
          else if (read?.store) expect(encodeIdentityField(read)).toEqual(field);
          else expect(read).toEqual({ tag, peerKey, store: null });
        }),
        { numRuns: runs(1_000) },
      );
    });
  });

  it('does not encode a key of another length', () => {
    expect(() => encodeIdentityField({ tag, peerKey: hex('ab') })).toThrow(RangeError);
  });
});
