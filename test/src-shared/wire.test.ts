import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeWire, encodeWire } from '../../src-shared/wire.ts';

it('carries amounts and bytes as they are', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.uint8Array({ maxLength: 64 }), fc.string(), (amount, bytes, text) => {
      const value = { amount, deep: [{ bytes }, text, null] };
      expect(decodeWire(encodeWire(value), 100_000)).toEqual(value);
    }),
  );
});

it.each(['{"$bytes":"0g"}', '{"$bytes":"012"}', '{"$bytes":5}', '{"$bigint":"1e9"}'])(
  'makes nothing of %s',
  (text) => {
    expect(decodeWire(text, 100)).toEqual(JSON.parse(text));
  },
);

it('refuses what is too long before it reads it', () => {
  expect(() => decodeWire('"aaa"', 4)).toThrow('WIRE_MALFORMED');
});
