import { startEarnings } from '../../src-main/earnings/earnings.ts';
import { openNetworks } from '../../src-main/network/networks.ts';
import { watchHoldings } from '../../src-main/wallet/holdings.ts';
import { ss58 } from '../../src-shared/units.ts';
import { startDevnet } from '../../src-worker/devnet/start.ts';
import { MemoryLedger } from '../../test/fakes/memory-ledger.ts';
import { type Figure, figure } from '../report/figures.ts';
import { keysOf } from './keys.ts';
import { startWire } from './wire.ts';

const NETUID = 38;
const UIDS = 256;
const BLOCK_MS = 1_000;
/** Two epochs of the practice chain, so that what an epoch costs is in the mean. */
const BLOCKS = 24;

/**
 * Frames from a host to its node for each finalized block, in the mean: everything of a run that reads from block to
 * block (the subnet's watcher, the account's holdings, the earnings) over one client, on a full subnet.
 */
export async function readsPerBlock(): Promise<Figure> {
  const life = new AbortController();
  const { signal } = life;
  const keys = keysOf(UIDS);
  const [ownerColdkey = '', ownerHotkey = ''] = keys;
  const devnet = await startDevnet(
    {
      dataDir: null,
      port: 0,
      seed: '07'.repeat(32),
      blockMs: BLOCK_MS,
      genesisTimeMs: Date.now(),
      controlToken: 'token of this bench',
      accounts: [{ ss58: ownerColdkey, freeRao: 10n ** 12n }],
      subnets: [
        {
          netuid: NETUID,
          name: 'Bench',
          ownerColdkey,
          ownerHotkey,
          taoReserveRao: 10n ** 12n,
          alphaReserveRao: 10n ** 12n,
          neurons: keys.slice(2).map((hotkey) => ({ hotkey, coldkey: ownerColdkey })),
        },
      ],
    },
    signal,
  );
  const wire = await startWire(devnet.url);
  const networks = openNetworks(() => undefined);
  try {
    const share = await networks.open({ name: 'bench', endpoints: [wire.url] }, signal);
    const chain = await share.subnet(NETUID, { name: null, ownerColdkey: null }, signal);
    const account = { hotkey: ss58(ownerHotkey), coldkey: ss58(ownerColdkey) };
    const holdings = watchHoldings(chain, account, () => undefined);
    const ledger = new MemoryLedger();
    const onGap = () => undefined;
    const earnings = await startEarnings({ chain, ...account, ledger, clock: Date, onGap });
    const holdingsChanged = () =>
      new Promise<void>((resolve) => {
        const off = holdings.on('changed', () => {
          off();
          resolve();
        });
      });
    for (let warm = 0; warm < 3; warm++) await holdingsChanged();
    const before = { ...wire.counted, block: chain.finalized?.number ?? 0 };
    for (let block = 0; block < BLOCKS; block++) await holdingsChanged();
    const blocks = (chain.finalized?.number ?? 0) - before.block;
    const perBlock = (after: number, first: number) => (after - first) / blocks;
    const requests = perBlock(wire.counted.requests, before.requests).toFixed(1);
    const neurons = chain.snapshot?.neurons.length ?? 0;
    const seen = `${neurons} uids, ${blocks} blocks; ${requests} requests in them; without the round machine`;
    holdings.stop();
    await earnings.stop();
    const frames = perBlock(wire.counted.frames, before.frames);
    return figure('reads-per-block', frames, 'frames', { floor: 6, goal: 3, seen });
  } finally {
    await networks.stop();
    await wire.stop();
    life.abort();
    await devnet.stop();
  }
}
