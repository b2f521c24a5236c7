import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { type Earnings, startEarnings } from '../../src-main/earnings/earnings.ts';
import type { EarningsLedger } from '../../src-main/earnings/ledger.ts';
import type { ChainCall, Signer } from '../../src-main/network/chain.ts';
import type { ConnectedChain } from '../../src-main/network/client.ts';
import { openNetwork } from '../../src-main/network/network.ts';
import { openStore, type Store } from '../../src-main/store/store.ts';
import { signable } from '../../src-main/vault/account-key.ts';
import { alphaRao, rao, type Ss58, ss58 } from '../../src-shared/units.ts';
import { startDevnet } from '../../src-worker/devnet/start.ts';
import { type Seeded, seeded } from '../chain/seeded.ts';

const NETUID = 38;
const TAO = 1_000_000_000n;
const EPOCH_BLOCKS = 11;
/** A write is lost, or made and never heard of, about so often; and after that the host is gone. */
const DIES = 0.08;

/** What a run of random epochs and operations came to. */
export interface Drift {
  readonly steps: number;
  readonly epochs: number;
  readonly moves: number;
  readonly kills: number;
  /** Booked less the change of the stake, the worst of all hotkeys; and the stake itself against the chain's. */
  readonly driftRao: bigint;
  /** What pay and operations by their events leave over for miners without dividends, at most in one epoch. */
  readonly minerRestRao: bigint;
}

interface Watched {
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
  readonly isMiner: boolean;
}

/**
 * A miner with two hotkeys and a validator, whose stakes change at random while the host that books them is killed.
 *
 * @param least steps; it goes on until the host was killed at least {@link LEAST_KILLS} times, since how many writes
 *   fall into a step depends on how fast the host reads
 */
export async function driftOf(least: number, seed: number): Promise<Drift> {
  await cryptoWaitReady();
  const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });
  const signer = (name: string): Signer => {
    const pair = keyring.createFromUri(`//${name}`);
    return { address: ss58(pair.address), sign: async (payload) => pair.sign(signable(payload)) };
  };
  const [owner, ownerHotkey, miner, first, second] = ['owner', 'owner-hot', 'miner', 'hot-1', 'hot-2'].map(
    signer,
  ) as [Signer, Signer, Signer, Signer, Signer];
  const life = new AbortController();
  const { signal } = life;
  const random = seeded(seed);
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-drift-'));
  const devnet = await startDevnet(
    {
      ...{
        dataDir: null,
        port: 0,
        seed: '07'.repeat(32),
        blockMs: null,
        controlToken: 'token of this bench',
      },
      genesisTimeMs: 1_700_000_000_000,
      accounts: [owner, miner].map(({ address }) => ({ ss58: address, freeRao: 10_000n * TAO })),
      subnets: [
        {
          ...{ netuid: NETUID, name: 'Drift', ownerColdkey: owner.address, ownerHotkey: ownerHotkey.address },
          ...{ taoReserveRao: 1_000n * TAO, alphaReserveRao: 1_000n * TAO },
        },
      ],
    },
    signal,
  );
  const network = await openNetwork({ endpoints: [devnet.url], log: () => undefined, signal });
  const chain = await network.subnet(NETUID, { name: 'Drift', ownerColdkey: null }, signal);

  async function done(call: ChainCall, by: Signer): Promise<void> {
    let isOver = false;
    const fate = chain.submit(call, by, signal).finally(() => {
      isOver = true;
    });
    fate.catch(() => undefined);
    while (!isOver) {
      await setTimeout(5);
      if (!isOver) devnet.sealBlock();
    }
    await fate;
  }
  const order = { limitPriceRao: rao(1_000n * TAO), allowPartial: true };
  const sell = { limitPriceRao: rao(1n), allowPartial: true };
  for (const { address } of [first, second])
    await done({ kind: 'burnedRegister', hotkey: address, limitRao: rao(TAO) }, miner);
  await done({ kind: 'startCall' }, owner);
  await done(
    { kind: 'addStakeLimit', hotkey: ownerHotkey.address, ...order, amountRao: rao(100n * TAO) },
    owner,
  );
  for (let block = 0; block < EPOCH_BLOCKS; block++) devnet.sealBlock();
  const weights = [1, 2].map((uid) => ({ uid, weight: 30_000 * uid }));
  await done({ kind: 'setWeights', mechanism: 0, weights }, ownerHotkey);

  const watched: readonly Watched[] = [
    { hotkey: first.address, coldkey: miner.address, isMiner: true },
    { hotkey: second.address, coldkey: miner.address, isMiner: true },
    { hotkey: ownerHotkey.address, coldkey: owner.address, isMiner: false },
  ];
  let kills = 0;
  let steps = 0;
  let store: Store;
  let running: Earnings[] = [];
  let isDead = false;

  async function begin(mayDie: boolean): Promise<void> {
    store = await openStore({ dataDir: folder, onProblem: () => undefined, onRecovered: () => undefined });
    isDead = false;
    const ledger = store.ledger(chain.genesisHash, NETUID);
    const mortal = mayDie
      ? mortalLedger(ledger, random, () => {
          isDead = true;
        })
      : ledger;
    running = await Promise.all(
      watched.map(({ hotkey, coldkey }) =>
        startEarnings({
          chain,
          hotkey,
          coldkey,
          ledger: mortal,
          clock: { now: () => 0 },
          onGap: () => undefined,
        }),
      ),
    );
  }
  async function end(): Promise<void> {
    await Promise.all(running.map((one) => one.stop()));
    await store.stop();
  }

  try {
    await begin(true);
    for (; steps < least || (kills < LEAST_KILLS && steps < MOST_TIMES * least); steps++) {
      await operate(steps);
      await keepUp();
      if (!isDead) continue;
      kills++;
      await end();
      await begin(true);
    }
    await end();
    await begin(false);
    const last = await settled(
      devnet.sealBlock,
      chain,
      () => store.ledger(chain.genesisHash, NETUID),
      watched,
    );
    return { steps, kills, ...(await weigh(chain, store!.ledger(chain.genesisHash, NETUID), watched, last)) };
  } finally {
    await end();
    await network.stop();
    life.abort();
    await devnet.stop();
    await rm(folder, { recursive: true, force: true });
  }

  /** A chain that seals faster than a host reads would leave it holes, which are told apart and no matter of this. */
  async function keepUp(): Promise<void> {
    const ledger = store.ledger(chain.genesisHash, NETUID);
    while (!isDead) {
      const scanned = await Promise.all(watched.map(({ hotkey }) => ledger.scannedBlock(hotkey)));
      if (scanned.every((block) => (chain.head?.number ?? 0) - (block ?? 0) < LAG_BLOCKS)) return;
      await setTimeout(LOOK_MS);
    }
  }

  /** An epoch's worth of blocks, or one of the operations that change a stake. */
  async function operate(step: number): Promise<void> {
    const [from, to] = random.real() < 0.5 ? [first, second] : [second, first];
    const held = await chain.stake(from.address, miner.address, null, signal);
    const part = alphaRao((held * BigInt(1 + random.below(900))) / 1_000n);
    const amountRao = rao(random.amount(10_000_000n, 20n * TAO));
    const choice = random.below(step % 3 === 0 ? 6 : 2);
    const hotkey = from.address;
    if (choice === 0 || part < 10_000_000n) for (let n = 0; n < 4; n++) devnet.sealBlock();
    else if (choice === 1) await done({ kind: 'addStakeLimit', hotkey, ...order, amountRao }, miner);
    else if (choice === 2)
      await done({ kind: 'removeStakeLimit', hotkey, ...sell, amountAlpha: part }, miner);
    else if (choice === 3)
      await done({ kind: 'moveStake', fromHotkey: hotkey, toHotkey: to.address, amountAlpha: part }, miner);
    else if (choice === 4)
      await done({ kind: 'transferStake', hotkey, toColdkey: owner.address, amountAlpha: part }, miner);
    else await done({ kind: 'addStakeLimit', hotkey: ownerHotkey.address, ...order, amountRao }, owner);
  }
}

/** A ledger of a host that may be killed at any write: before it reached the disk, or after and unheard. */
function mortalLedger(ledger: EarningsLedger, random: Seeded, die: () => void): EarningsLedger {
  let isDead = false;
  const never = () => new Promise<never>((_, reject) => reject(new Error('killed')));
  return {
    ...ledger,
    async bookBlock(booked) {
      if (isDead) return never();
      const isLost = random.real() < DIES / 2;
      const isUnheard = random.real() < DIES / 2;
      if (!isLost) await ledger.bookBlock(booked);
      if (!isLost && !isUnheard) return;
      isDead = true;
      die();
      return never();
    },
  };
}

const LEAST_KILLS = 2;
const MOST_TIMES = 8;
const LOOK_MS = 10;
const LAG_BLOCKS = 120;
const CURSOR_BLOCKS = 20;

/** Seals until every hotkey was looked at up to a block that is noted. @returns that block */
async function settled(
  seal: () => number,
  chain: ConnectedChain,
  ledger: () => EarningsLedger,
  watched: readonly Watched[],
): Promise<number> {
  let block = seal();
  while (block % CURSOR_BLOCKS !== 0) block = seal();
  seal();
  seal();
  for (;;) {
    const scanned = await Promise.all(watched.map(({ hotkey }) => ledger().scannedBlock(hotkey)));
    if (scanned.every((at) => (at ?? 0) >= block) && (chain.finalized?.number ?? 0) >= block) return block;
    await setTimeout(LOOK_MS);
  }
}

async function weigh(
  chain: ConnectedChain,
  ledger: EarningsLedger,
  watched: readonly Watched[],
  last: number,
): Promise<Pick<Drift, 'epochs' | 'moves' | 'driftRao' | 'minerRestRao'>> {
  const { signal } = new AbortController();
  const found = { epochs: 0, moves: 0, driftRao: 0n, minerRestRao: 0n };
  const size = (amount: bigint) => (amount < 0n ? -amount : amount);
  const at = await chain.blockHash(last, signal);
  for (const { hotkey, coldkey, isMiner } of watched) {
    const snapshots = (await ledger.snapshotsSince(hotkey, 0)).filter(({ block }) => block <= last);
    const [opening] = snapshots;
    if (!opening) throw new Error('nothing was booked');
    const rests = snapshots.slice(1).map(({ residualAlpha }) => residualAlpha ?? 0n);
    if (snapshots.slice(1).some(({ method }) => method !== 'event')) throw new Error('a hole in the blocks');
    const booked =
      (await ledger.bookedBetween(hotkey, opening.block, last + 1)) +
      rests.reduce<bigint>((sum, rest) => sum + rest, 0n);
    const held = await chain.stake(hotkey, coldkey, at, signal);
    const drift = size(booked - (held - opening.stakeAlpha));
    if (drift > found.driftRao) found.driftRao = drift;
    if (isMiner)
      for (const rest of rests) if (size(rest) > found.minerRestRao) found.minerRestRao = size(rest);
    found.epochs += (await ledger.epochsSince(hotkey, 0)).length;
    found.moves += (await ledger.movesSince(hotkey, 0)).length;
  }
  return found;
}
