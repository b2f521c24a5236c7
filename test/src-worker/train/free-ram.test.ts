import { expect, it } from 'vitest';
import { availableRam, cachedIn, freeRam, type RamFacts } from '../../../src-worker/train/free-ram.ts';

const GIB = 2 ** 30;
const facts: RamFacts = {
  ...{ platform: 'linux', totalBytes: 16 * GIB, freeBytes: 9 * GIB },
  ...{ limitBytes: 0, underLimitBytes: 9 * GIB, cachedBytes: 3 * GIB },
};

it('is what the system could give, and in a container what its limit leaves, its own file caches not counted', () => {
  expect(availableRam(facts)).toBe(9 * GIB);
  // Where there is no limit, kernels tell a number beyond all memory.
  expect(availableRam({ ...facts, limitBytes: 2 ** 63 })).toBe(9 * GIB);
  const contained = { ...facts, limitBytes: 8 * GIB, underLimitBytes: GIB };
  expect(availableRam(contained)).toBe(4 * GIB);
  expect(availableRam({ ...contained, freeBytes: 2 * GIB })).toBe(2 * GIB);
});

it('is not known where the system counts otherwise, or hides how a container stands', () => {
  expect(availableRam({ ...facts, platform: 'darwin' })).toBeNull();
  expect(availableRam({ ...facts, limitBytes: 8 * GIB, underLimitBytes: GIB, cachedBytes: null })).toBeNull();
});

it('reads file caches from what the kernel writes, and nothing from what is none', () => {
  // Of 4,096 bytes of files 1,000 are shared memory, which stays.
  const stat = 'anon 12\nfile 4096\nshmem 1000\ninactive_file 2096\nactive_file 1000\n';
  expect(cachedIn(stat)).toBe(3_096);
  const active = 'active_file 1\n';
  for (const inactive of ['', 'inactive_file x\n', 'inactive_file 99999999999999999999\n'])
    expect(cachedIn(`${active}${inactive}`)).toBeNull();
});

it.skipIf(process.platform === 'darwin')('is known of this computer, or said not to be', async () => {
  const free = await freeRam();
  if (free !== null) expect(free).toBeGreaterThan(0);
});
