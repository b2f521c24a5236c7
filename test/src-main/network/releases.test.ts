import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChainCall, Signer } from '../../../src-main/network/chain.ts';
import { nextEpochBlock } from '../../../src-main/network/epoch-rule.ts';
import { readEpochClock } from '../../../src-main/network/reads/epoch-clock.ts';
import { readHyperparameters } from '../../../src-main/network/reads/hyperparameters.ts';
import { readPruningRules } from '../../../src-main/network/reads/pruning.ts';
import { readRegistration } from '../../../src-main/network/reads/registration.ts';
import { openSession, type Session } from '../../../src-main/network/session.ts';
import { DEVNET_SPECS } from '../../../src-shared/contract/devnet.ts';
import { type Hex, hex, rao } from '../../../src-shared/units.ts';
import type { Devnet } from '../../../src-worker/devnet/start.ts';
import {
  connect,
  miner,
  minerHotkey,
  NETUID,
  owner,
  ownerHotkey,
  poor,
  sealing,
  startTestChain,
  type TestChain,
  when,
} from './rig.ts';

const TEMPO = 10;

/** What Butterfly reads and calls, the same on every release that devnet knows. */
describe.each(DEVNET_SPECS)('on a chain of spec %i', (specVersion) => {
  const { signal } = new AbortController();
  const isNewer = specVersion > 393;
  let devnet: Devnet;
  let chain: TestChain;
  let session: Session;
  const newest = (): Hex => chain.finalized?.hash ?? chain.genesisHash;
  const sent = (call: ChainCall, signer: Signer) => sealing(devnet, chain.submit(call, signer, signal));

  beforeAll(async () => {
    devnet = await startTestChain({ specVersion });
    chain = await connect([devnet.url], signal);
    session = await openSession(devnet.url, signal);
    expect(session.specVersion).toBe(specVersion);
    expect(await sent({ kind: 'startCall' }, owner)).toMatchObject({ kind: 'finalized' });
  });
  afterAll(async () => {
    session.close();
    await chain.stop();
    await devnet.stop();
  });

  it('a place is bought for no more than the limit, by whom the chain lets say so', async () => {
    const hotkey = minerHotkey.address;
    expect(chain.callIndexes().has('SubtensorModule.register_limit')).toBe(isNewer);
    const dear = await sent({ kind: 'burnedRegister', hotkey, limitRao: rao(1n) }, miner);
    // The chain keeps the limit itself where it can; else the price is looked at before anything is signed.
    expect(dear).toMatchObject({
      kind: 'refused',
      ...(isNewer ? { error: 'RegistrationPriceLimitExceeded' } : { hash: null }),
    });
    const registered = await sent({ kind: 'burnedRegister', hotkey, limitRao: rao(10n ** 9n) }, miner);
    expect(registered).toMatchObject({ kind: 'finalized', effect: { kind: 'registered', uid: 1 } });
    const registration = await readRegistration(session, NETUID, newest(), signal);
    expect(registration.halfLifeBlocks).toBe(isNewer ? 360 : null);
    expect(registration.interval === null).toBe(isNewer);
    expect(registration.isAllowed).toBe(true);
  });

  it('stake, transfer, axon, commitment and weights are taken', async () => {
    const hotkey = minerHotkey.address;
    const price = (await chain.alphaPrice(newest(), signal)) ?? rao(0n);
    const stake = { hotkey, amountRao: rao(10n ** 9n), limitPriceRao: rao(2n * price), allowPartial: false };
    expect(await sent({ kind: 'addStakeLimit', ...stake }, miner)).toMatchObject({
      effect: { kind: 'staked' },
    });
    const held = await chain.stake(hotkey, miner.address, newest(), signal);
    expect(held).toBeGreaterThan(0n);
    const low = { hotkey, limitPriceRao: rao(10n ** 12n), allowPartial: false };
    expect(await sent({ kind: 'removeStakeLimit', ...low, amountAlpha: held }, miner)).toMatchObject({
      kind: 'refused',
      error: isNewer ? 'SlippageTooHigh' : 'ZeroMaxStakeAmount',
    });
    expect(
      await sent({ kind: 'transfer', to: poor.address, amountRao: rao(10n ** 6n) }, miner),
    ).toMatchObject({
      effect: { kind: 'transferred' },
    });
    const axon = { kind: 'serveAxon', ip: '1.2.3.4', port: 4_001, version: 1 } as const;
    expect(await sent(axon, minerHotkey)).toMatchObject({ kind: 'finalized' });
    const fields = [new Uint8Array(40).fill(7)];
    expect(await sent({ kind: 'setCommitment', fields }, minerHotkey)).toMatchObject({ kind: 'finalized' });
    const slots = await chain.commitments([hotkey], null, signal);
    expect(slots.get(hotkey)?.fields).toEqual(fields);
    const weights = [{ uid: 1, weight: 1 }];
    expect(await sent({ kind: 'setWeights', weights, mechanism: 0 }, ownerHotkey)).toMatchObject({
      kind: 'finalized',
    });
  });

  it('subnet, neurons, settings and the order of pruning are told', async () => {
    expect(await chain.subnet(null, signal)).toMatchObject({ tempo: TEMPO, neurons: 2, commitReveal: false });
    const neurons = await chain.metagraph(null, signal);
    expect(neurons.map(({ hotkey }) => hotkey)).toEqual([ownerHotkey.address, minerHotkey.address]);
    expect(await readHyperparameters(session, NETUID, newest(), signal)).toMatchObject({
      // The newer release does not name it any more.
      rho: isNewer ? null : 10,
      tempo: TEMPO,
      immunityPeriod: 100,
      minBurnRao: 500_000n,
      maxBurnRao: 100_000_000_000n,
      bondsMovingAverage: 900_000n,
      weightsVersion: 0n,
      yumaVersion: 3,
      transfersEnabled: true,
      activityCutoff: isNewer ? 500 : 5_000,
    });
    expect(await readHyperparameters(session, 999, newest(), signal)).toBeNull();
    expect(await readPruningRules(session, NETUID, newest(), signal)).toMatchObject({ immuneOwnerUids: 1 });
  });

  it('the next epoch comes when it was said to', async () => {
    const { number = 0, hash = newest() } = chain.finalized ?? {};
    const clock = await readEpochClock(session, NETUID, hash, signal);
    expect(clock.lastEpochBlock === null).toBe(!isNewer);
    const due = nextEpochBlock(number, clock) ?? 0;
    while (devnet.sealBlock() <= due);
    const paid = async (block: number) => chain.incentivesPaid(await chain.blockHash(block, signal), signal);
    expect(await paid(due - 1)).toBeNull();
    expect(await paid(due)).not.toBeNull();
  });
});

describe.each([4, 3])('an epoch that is put off, under commits of version %i', (commitRevealVersion) => {
  it('is still the one that began where the state says', async () => {
    const { signal } = new AbortController();
    const pool = { taoReserveRao: 10n ** 12n, alphaReserveRao: 10n ** 12n };
    const owned = { ownerColdkey: owner.address, ownerHotkey: ownerHotkey.address };
    // Three are due in the same blocks, of which a block takes two.
    const devnet = await startTestChain({
      ...{ specVersion: 425, commitRevealVersion },
      subnets: [8, 18, NETUID].map((netuid) => ({
        ...{ netuid, name: 'Practice', ...pool, ...owned, tempo: 10, commitReveal: true },
      })),
    });
    const chain = await connect([devnet.url], signal);
    try {
      const termsAt = async (block: number) => {
        const there = when(chain, 'head', ({ number }) => number >= block);
        while (devnet.sealBlock() < block);
        await there;
        const terms = await chain.commitTerms(ownerHotkey.address, signal);
        const times = terms.kind === 'hashed' ? terms : terms.reveal;
        return [times.block, terms.epochBlock, times.nextEpochBlock];
      };
      expect(await termsAt(10)).toEqual([10, 0, 11]);
      expect(await termsAt(11)).toEqual([11, 11, 21]);
    } finally {
      await chain.stop();
      await devnet.stop();
    }
  });
});

describe.each(DEVNET_SPECS)('weights under a time lock on a chain of spec %i', (specVersion) => {
  it('are known to wait until they are opened', async () => {
    const { signal } = new AbortController();
    const base = { netuid: NETUID, name: 'Practice', taoReserveRao: 10n ** 12n, alphaReserveRao: 10n ** 12n };
    const owned = { ownerColdkey: owner.address, ownerHotkey: ownerHotkey.address };
    const devnet = await startTestChain({
      specVersion,
      subnets: [{ ...base, ...owned, tempo: 30, commitReveal: true, weightsSetRateLimit: 0 }],
    });
    const chain = await connect([devnet.url], signal);
    try {
      const terms = await chain.commitTerms(ownerHotkey.address, signal);
      if (terms.kind !== 'timelocked') throw new Error(terms.kind);
      expect(terms.pending).toEqual([]);
      expect(terms.reveal.isByNumber).toBe(specVersion === 393);
      const cipher = new Uint8Array(200).fill(1);
      const revealRound = Math.floor((terms.reveal.timeMs / 1_000 - terms.reveal.beacon.genesisS) / 3) + 100;
      const commit = { kind: 'commitWeights', cipher, revealRound, version: 4, mechanism: 0 } as const;
      const fate = await sealing(devnet, chain.submit(commit, ownerHotkey, signal));
      if (fate.kind !== 'finalized') throw new Error(fate.kind);
      const { pending } = await chain.commitTerms(ownerHotkey.address, signal);
      expect(pending).toEqual([{ block: fate.block, round: revealRound }]);
      // Commits by their hash are known beside them.
      const hash = hex('a5'.repeat(32));
      const plain = { kind: 'commitWeightsHash', hash, mechanism: 0 } as const;
      const second = await sealing(devnet, chain.submit(plain, ownerHotkey, signal));
      if (second.kind !== 'finalized') throw new Error(JSON.stringify(second));
      const known = await chain.hashTerms(ownerHotkey.address, signal);
      expect(known.pending).toMatchObject([{ hash, block: second.block }]);
    } finally {
      await chain.stop();
      await devnet.stop();
    }
  });
});
