import { expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from '../../../../src-worker/publish/run-logs/tensorboard/crc32c.ts';

const text = (of: string) => new TextEncoder().encode(of);

it('comes to what RFC 3720 says', () => {
  expect(crc32c(text('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(new Uint8Array(0))).toBe(0);
});

it('is turned and moved before it is stored', () => {
  // What TensorBoard's own code says.
  expect(maskedCrc32c(Uint8Array.of(24, 0, 0, 0, 0, 0, 0, 0))).toBe(0x224b7fa3);
  expect(maskedCrc32c(text('butterfly'))).toBe(0x5171af52);
});
