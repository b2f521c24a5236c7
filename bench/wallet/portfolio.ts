import { openNetworks } from '../../src-main/network/networks.ts';
import { followAccount } from '../../src-main/wallet/followed-account.ts';
import { holdingsOf } from '../../src-main/wallet/portfolio.ts';
import { median } from '../../src-shared/reduce/norms.ts';
import { ss58 } from '../../src-shared/units.ts';
import { startDevnet } from '../../src-worker/devnet/start.ts';
import { keysOf } from '../chain/keys.ts';
import { type Figure, figure } from '../report/figures.ts';

const SUBNETS = 64;
const HOTKEYS = 20;
const TIMES = 5;
const TAO = 1_000_000_000n;
const names = { subnet: () => null, hotkey: () => ({ name: null, isOwn: false }) };

/** From an open network to all that a coldkey holds, with names, prices and what selling would bring: the median. */
export async function portfolioS(): Promise<Figure> {
  const [coldkey, owner, ...hotkeys] = keysOf(HOTKEYS + 1).map(ss58);
  if (!coldkey || !owner) throw new TypeError('keys');
  const life = new AbortController();
  const subnets = Array.from({ length: SUBNETS }, (_, i) => ({
    netuid: i + 1,
    name: `Subnet ${i + 1}`,
    ownerColdkey: owner,
    ownerHotkey: owner,
    taoReserveRao: 1_000n * TAO,
    alphaReserveRao: 5_000n * TAO,
    neurons: hotkeys.map((hotkey, k) => ({ hotkey, coldkey, stakeAlpha: BigInt(k + 1) * TAO })),
  }));
  const devnet = await startDevnet(
    {
      ...{ dataDir: null, port: 0, seed: '07'.repeat(32), blockMs: null },
      ...{ genesisTimeMs: 1_700_000_000_000, controlToken: 'token of this bench' },
      accounts: [{ ss58: coldkey, freeRao: 100n * TAO }],
      subnets,
    },
    life.signal,
  );
  const networks = openNetworks(() => undefined);
  const share = await networks.open({ name: 'bench', endpoints: [devnet.url] }, life.signal);
  try {
    const taken: number[] = [];
    let stakes = 0;
    for (let time = 0; time < TIMES; time++) {
      const from = performance.now();
      const id = { network: 'bench', coldkey };
      const account = followAccount({ id, endpoint: null, isLooked: true }, networks, life.signal);
      const reading = await new Promise<NonNullable<typeof account.reading>>((resolve, reject) => {
        account.on('changed', () => {
          if (account.problem) reject(new Error(account.problem.code));
          if (account.reading) resolve(account.reading);
        });
      });
      const holdings = holdingsOf(reading, reading, names);
      taken.push((performance.now() - from) / 1_000);
      if (holdings.totalRao === null) throw new Error('a stake has no quote');
      stakes = holdings.stakes.length;
      await account.stop();
    }
    const seen = `${stakes} stakes of ${HOTKEYS} hotkeys in ${SUBNETS} subnets, each sale simulated by the chain; the chain runs in the same process`;
    return figure('portfolio-s', median(taken), 's', { floor: 2, goal: 0.5, seen });
  } finally {
    await share.release();
    await networks.stop();
    life.abort();
    await devnet.stop();
  }
}
