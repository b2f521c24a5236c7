import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { House } from './house.ts';

const program = fileURLToPath(new URL('house-node.ts', import.meta.url));

async function first<T extends object>(lines: AsyncIterable<unknown>, key: string): Promise<T> {
  for await (const line of lines) if (key in (line as object)) return line as T;
  throw new Error(`ended without ${key}`);
}

describe.runIf(House.canStand())('two computers on one cable', () => {
  let house: House;
  beforeEach(() => {
    house = new House();
    house.build();
  });
  afterEach(() => house.stop());

  it('find each other without any address', async () => {
    const a = house.start('a', program, ['0', '2', '0.0.0.0']);
    const b = house.start('b', program, ['1', '2', '0.0.0.0']);
    const [meetsB, meetsA] = await Promise.all([
      first<{ met: number; address: string }>(a, 'met'),
      first<{ met: number; address: string }>(b, 'met'),
    ]);
    expect([meetsB.met, meetsA.met]).toEqual([1, 0]);
    expect(meetsB.address).toMatch(/^\/ip[46]\/(192\.168\.77\.2|fd77::2)\//);
  });

  it('listen in both families, and meet over the newer one where one of them has no other', async () => {
    house.withoutIpv4('b');
    const a = house.start('a', program, ['0', '2', '0.0.0.0']);
    const { addresses } = await first<{ addresses: string[] }>(a, 'addresses');
    const [port] = addresses.flatMap((address) => /^\/ip6\/fd77::1\/tcp\/(\d+)/.exec(address)?.[1] ?? []);
    const b = house.start('b', program, ['1', '2', 'fd77::2', `/ip6/fd77::1/tcp/${port}`]);
    const { met, address } = await first<{ met: number; address: string }>(b, 'met');
    expect([met, address]).toEqual([0, expect.stringMatching(/^\/ip6\/fd77::1\//)]);
  });
});
