import { describe, expect, it } from 'vitest';
import type { BlockRef } from '../../../src-main/network/chain.ts';
import type { NetworkEvents } from '../../../src-main/network/client.ts';
import type { Place } from '../../../src-main/network/reads/portfolio.ts';
import {
  type AccountNetwork,
  type AccountReading,
  type AccountWatch,
  watchAccount,
} from '../../../src-main/wallet/account-watch.ts';
import { LOOKED_EVERY_MS, NAMES_KEPT_MS, UNSEEN_EVERY_MS } from '../../../src-main/wallet/limits.ts';
import { listeners } from '../../../src-node/listeners.ts';
import { alphaRao, hex, rao, ss58 } from '../../../src-shared/units.ts';
import { soon } from '../../soon.ts';

const coldkey = ss58('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV');
const blockAt = (number: number, seenAtMs: number): BlockRef => ({
  number,
  hash: hex(number.toString(16).padStart(64, '0')),
  seenAtMs,
});

/** A network of one account, whose blocks are told by hand. */
function oneAccount() {
  const events = listeners<NetworkEvents>();
  const asked: { at: string; expected: readonly Place[] }[] = [];
  const namesAsked: (readonly number[])[] = [];
  let finalized: BlockRef | null = null;
  let netuids = [38];
  let fault: Error | null = null;
  const network: AccountNetwork = {
    get finalized() {
      return finalized;
    },
    on: events.on,
    async portfolio(_coldkey, expected, at) {
      asked.push({ at, expected });
      if (fault) throw fault;
      const positions = netuids.map((netuid) => ({
        netuid,
        hotkey: coldkey,
        stakeAlpha: alphaRao(5n),
        availableAlpha: alphaRao(5n),
        isRegistered: true,
        priceRao: rao(1n),
        exitRao: rao(1n),
      }));
      return { freeRao: rao(7n), reservedRao: rao(0n), frozenRao: rao(0n), depositRao: rao(500n), positions };
    },
    async subnetNames(wanted) {
      namesAsked.push(wanted);
      return new Map(wanted.map((netuid) => [netuid, `subnet ${netuid}`]));
    },
    blockTimeMs: async (at) => Number(`0x${at}`) * 12_000,
  };
  return {
    network,
    asked,
    namesAsked,
    tell(number: number, seenAtMs: number) {
      finalized = blockAt(number, seenAtMs);
      events.emit('finalized', finalized);
    },
    hold: (next: readonly number[]) => {
      netuids = [...next];
    },
    fail: (next: Error | null) => {
      fault = next;
    },
  };
}

const nextOf = (watch: AccountWatch): Promise<AccountReading> =>
  new Promise((resolve) => {
    const off = watch.on('read', (reading) => {
      off();
      resolve(reading);
    });
  });
const blocksOf = (asked: readonly { at: string }[]): number[] => asked.map(({ at }) => Number(`0x${at}`));

describe('an account that is watched', () => {
  it('is read at once, in the state of the newest final block and by its own time', async () => {
    const { network, tell } = oneAccount();
    tell(3, 50);
    const watch = watchAccount(network, coldkey);
    const reading = await nextOf(watch);
    watch.stop();
    expect(reading).toMatchObject({ block: 3, atMs: 36_000, freeRao: 7n });
    expect(reading.subnetNames.get(38)).toBe('subnet 38');
  });

  it('is read seldom while nobody looks, and often while somebody does', async () => {
    const { network, asked, tell } = oneAccount();
    tell(1, 0);
    const watch = watchAccount(network, coldkey);
    await nextOf(watch);
    tell(2, LOOKED_EVERY_MS);
    tell(3, UNSEEN_EVERY_MS - 1);
    await soon(() => expect(blocksOf(asked)).toEqual([1]));
    const seldom = nextOf(watch);
    tell(4, UNSEEN_EVERY_MS);
    await seldom;
    watch.setLooked(true);
    tell(5, UNSEEN_EVERY_MS + LOOKED_EVERY_MS - 1);
    const often = nextOf(watch);
    tell(6, UNSEEN_EVERY_MS + LOOKED_EVERY_MS);
    await often;
    watch.stop();
    expect(blocksOf(asked)).toEqual([1, 4, 6]);
  });

  it('is read with the next block once something changed, whoever looks', async () => {
    const { network, asked, tell } = oneAccount();
    tell(1, 0);
    const watch = watchAccount(network, coldkey);
    await nextOf(watch);
    watch.look();
    const changed = nextOf(watch);
    tell(2, 1);
    await changed;
    watch.stop();
    expect(blocksOf(asked)).toEqual([1, 2]);
    expect(asked[1]?.expected).toMatchObject([{ netuid: 38, stakeAlpha: 5n }]);
  });

  it('keeps what was known when a reading fails, and tries the next block', async () => {
    const { network, asked, tell, fail } = oneAccount();
    tell(1, 0);
    const watch = watchAccount(network, coldkey);
    await nextOf(watch);
    const failed = new Promise((resolve) => watch.on('failed', resolve));
    fail(new Error('away'));
    watch.look();
    tell(2, 1);
    expect(await failed).toMatchObject({ message: 'away' });
    fail(null);
    const back = nextOf(watch);
    tell(3, 2);
    expect((await back).block).toBe(3);
    watch.stop();
    expect(blocksOf(asked)).toEqual([1, 2, 3]);
  });

  it('asks for names of new subnets alone, and after an hour for all', async () => {
    const { network, namesAsked, tell, hold } = oneAccount();
    tell(1, 0);
    const watch = watchAccount(network, coldkey);
    await nextOf(watch);
    for (const [number, netuids, seenAtMs] of [
      [2, [38, 5], 1],
      [3, [38, 5], 2],
      [4, [5], NAMES_KEPT_MS + 3],
    ] as const) {
      hold(netuids);
      watch.look();
      const read = nextOf(watch);
      tell(number, seenAtMs);
      await read;
    }
    watch.stop();
    expect(namesAsked).toEqual([[38], [5], [5]]);
  });
});
