import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../../src-main/store/store.ts';
import { alphaRao, hex, ss58 } from '../../../src-shared/units.ts';
import { bookEpoch } from '../../booked.ts';

const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
if (!asRoot) console.log('skipped: a store on a full disk (needs root, to mount a small one)');

describe.skipIf(!asRoot)('a store whose disk is full', () => {
  let base = '';
  let disk = '';
  let store: Store | undefined;
  const told: string[] = [];
  const recovered = Promise.withResolvers<string>();
  const hotkey = ss58('5Hotkey');

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'butterfly-full-'));
    disk = join(base, 'disk');
    await mkdir(disk);
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
    expect(status, 'a small disk could not be mounted').toBe(0);
  });
  afterEach(async () => {
    await store?.stop();
    spawnSync('umount', [disk]);
    await rm(base, { recursive: true, force: true });
  });

  /** Takes what is left of the disk, to the last block. */
  async function fill(): Promise<void> {
    const file = await open(join(disk, 'ballast'), 'w');
    const block = Buffer.alloc(4_096);
    for (;;) {
      const written = await file.write(block).catch(() => null);
      if (!written) break;
    }
    await file.close();
  }

  it('says so once, keeps what is queued, and goes on by itself', async () => {
    store = await openStore({
      dataDir: disk,
      onProblem: ({ code }) => told.push(code),
      onRecovered: recovered.resolve,
    });
    const ledger = store.ledger(hex('00aa'), 1);
    const booking = (block: number) => ({
      hotkey,
      block,
      atMs: block,
      uid: 0,
      alpha: alphaRao(1n),
      priceRao: null,
      valueRao: null,
    });
    await bookEpoch(ledger, booking(1));
    await fill();
    const detailJson = JSON.stringify('x'.repeat(8_000));
    for (let at = 0; at < 40; at++)
      store.add('event', { atMs: at, level: 'info', source: 'test', code: 'X', detailJson });
    await expect(store.flush()).rejects.toMatchObject({ code: 'DISK_FULL' });
    // Pages that the journal has already may take a few more bookings; the first that finds no room says so.
    const refused = await Promise.allSettled(
      Array.from({ length: 200 }, (_, i) => bookEpoch(ledger, booking(i + 2))),
    );
    const failure = refused.find((one) => one.status === 'rejected');
    expect(failure?.reason).toMatchObject({ code: 'DISK_FULL' });

    await rm(join(disk, 'ballast'));
    expect(await recovered.promise).toBe('DISK_FULL');
    expect(told).toEqual(['DISK_FULL']);
    for (let block = 1; block <= 201; block++) await bookEpoch(ledger, booking(block));
    expect(await ledger.epochsSince(hotkey, 0)).toHaveLength(201);
  });
});
