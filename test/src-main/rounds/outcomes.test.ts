import { describe, expect, it } from 'vitest';
import { type Outcomes, readOutcomes } from '../../../src-main/rounds/outcomes.ts';
import { outcomeBlockOf } from '../../../src-shared/rounds/clock.ts';
import { encodeRecord } from '../../../src-shared/rounds/record.ts';
import { alphaRao, type Hex, hex, type Ss58 } from '../../../src-shared/units.ts';
import { type FakeChain, fakeChain } from '../../fakes/fake-chain.ts';
import { addressOf, digestOf, consensus as practice, START } from './machine-bench.ts';

/** Rounds as three witnesses write them on chain, and what a newcomer makes of it. Blocks are sealed by hand. */
const tag = hex('ab'.repeat(8));
const signal = new AbortController().signal;
const named = ['ann', 'ben', 'cas'].map(addressOf) as [Ss58, Ss58, Ss58];
const [ann, ben, cas] = named;
const genesis = digestOf('genesis');
const [x, y] = [digestOf('x'), digestOf('y')];

type Witnesses = (typeof practice)['witnesses'];

function bench(witnesses: Witnesses = { kind: 'hotkeys', hotkeys: [...named] }) {
  const consensus = { ...practice, witnesses };
  const chain = fakeChain({
    neurons: named.map((hotkey, i) => ({
      hotkey,
      validatorPermit: true,
      stakeAlpha: alphaRao(BigInt(30 - i)),
    })),
  });
  const outcomes: Outcomes = readOutcomes({ chain, consensus, tag });
  const outcomeBlock = (round: number) => outcomeBlockOf(consensus.clock, START, round);
  chain.sealTo(START - 10);

  function say(hotkey: Ss58, round: number, parentId: Hex, resultId: Hex | null): void {
    const field = encodeRecord({ tag, round, parentId, resultId });
    const signer = { address: hotkey, sign: async () => new Uint8Array(64) };
    void chain.submit({ kind: 'setCommitment', fields: [field] }, signer, signal);
  }
  /** The block in which everybody has that block as final. */
  const final = (block: number) => chain.sealTo(block + 1);
  const soon = () => new Promise((resolve) => setImmediate(resolve));
  return {
    chain,
    outcomes,
    final,
    /** All say it, and it stands in the outcome block of its round. */
    async vote(round: number, votes: readonly (readonly [Ss58, Hex, Hex])[]) {
      chain.sealTo(outcomeBlock(round) - 2);
      for (const [hotkey, parent, result] of votes) say(hotkey, round, parent, result);
      await soon();
      final(outcomeBlock(round));
    },
    async rewrite(round: number, words: readonly (readonly [Ss58, Hex])[]) {
      for (const [hotkey, parent] of words) say(hotkey, round, parent, null);
      await soon();
      chain.sealTo((chain.head?.number ?? 0) + 3);
    },
    outcome: (round: number) => outcomes.outcome({ round, outcomeBlock: outcomeBlock(round) }, signal),
    base: () => outcomes.base(START, signal),
    outcomeBlock,
  };
}

const committed = (id: Hex) => ({ kind: 'committed', id });

/** Which states were asked for. */
function countReads(chain: FakeChain): string[] {
  const asked: string[] = [];
  const { commitments } = chain;
  chain.commitments = (hotkeys, at, limit) => {
    asked.push(at ?? 'newest');
    return commitments(hotkeys, at, limit);
  };
  return asked;
}

describe('the current base', () => {
  it('is the outcome of the newest round that committed, and no round after it turns it', async () => {
    const at = bench();
    await at.vote(0, [
      [ann, genesis, x],
      [ben, genesis, x],
    ]);
    expect(await at.outcome(0)).toEqual(committed(x));
    expect(await at.base()).toEqual(committed(x));
    await at.vote(1, [
      [ann, x, y],
      [ben, x, genesis],
    ]);
    expect(await at.outcome(1)).toEqual({ kind: 'void' });
    expect(await at.base()).toEqual(committed(x));
  });

  it('agrees with every outcome as it was read in its own time', async () => {
    const at = bench();
    let base: Hex | null = null;
    for (let round = 0; round < 30; round++) {
      const parent = base ?? genesis;
      const result = digestOf(`r${round}`);
      const says = round % 4 === 3 ? [ann] : [ann, ben];
      await at.vote(
        round,
        says.map((who) => [who, parent, result] as const),
      );
      const outcome = await at.outcome(round);
      expect(outcome.kind).toBe(round % 4 === 3 ? 'void' : 'committed');
      if (outcome.kind === 'committed') base = outcome.id;
      expect(await at.base()).toEqual(committed(base!));
    }
  });

  it('stays through fourteen void rounds, beyond what nodes keep, while witnesses name it', async () => {
    const at = bench();
    await at.vote(0, [
      [ann, genesis, x],
      [ben, genesis, x],
    ]);
    for (let round = 1; round <= 14; round++) {
      at.final(START + 20 * round);
      if (round === 6 || round === 12)
        await at.rewrite(
          round,
          named.map((who) => [who, x] as const),
        );
      at.final(at.outcomeBlock(round));
      at.chain.prune((at.chain.finalized?.number ?? 0) - 255);
      expect(await at.base()).toEqual(committed(x));
    }
  });

  it('is not made by a lone vote that came to nothing and one lie that names it as parent', async () => {
    const at = bench();
    await at.vote(0, [[ann, genesis, x]]);
    await at.rewrite(1, [[ben, x]]);
    await at.rewrite(1, [[cas, genesis]]);
    // Beyond the span only the newest state is left to decide.
    at.final(at.outcomeBlock(15));
    expect(await at.base()).toEqual({ kind: 'unknown' });
  });

  it('is the first one while every outcome of the run can be read and none committed', async () => {
    const at = bench();
    await at.vote(0, [[ann, genesis, x]]);
    expect(await at.base()).toEqual({ kind: 'first' });
  });

  it('waits for an outcome block that cannot be read, and passes over none', async () => {
    const at = bench();
    await at.vote(0, [
      [ann, genesis, x],
      [ben, genesis, x],
    ]);
    await at.vote(1, []);
    at.chain.prune(at.outcomeBlock(1) + 1);
    await expect(at.base()).rejects.toMatchObject({ code: 'CHAIN_REFUSED' });
    at.chain.prune(0);
    expect(await at.base()).toEqual(committed(x));
  });

  it('costs one read more for each round, once the older ones were read', async () => {
    const at = bench();
    await at.vote(0, []);
    await at.vote(1, []);
    await at.base();
    await at.vote(2, []);
    const asked = countReads(at.chain);
    await at.base();
    await at.base();
    await at.outcome(2);
    expect(asked).toHaveLength(1);
  });
});

describe('an outcome', () => {
  it('is that of the witnesses with most stake in its own block, whoever they were when the round began', async () => {
    const at = bench({ kind: 'by-stake', count: 1 });
    await at.rewrite(
      0,
      named.map((who) => [who, genesis] as const),
    );
    // The round has begun with Ann as the one with most stake.
    at.final(START + 2);
    at.chain.setStake(cas, alphaRao(99n));
    await at.vote(0, [
      [ann, genesis, x],
      [cas, genesis, y],
    ]);
    expect(await at.outcome(0)).toEqual(committed(y));
    expect(await at.base()).toEqual(committed(y));
  });

  it('is unknown for good once no node has its block any more', async () => {
    const at = bench();
    await at.vote(0, []);
    at.final(at.outcomeBlock(0) + 256);
    at.chain.prune(at.outcomeBlock(0) + 1);
    const fresh = readOutcomes({ chain: at.chain, consensus: practice, tag });
    const asked = { round: 0, outcomeBlock: at.outcomeBlock(0) };
    expect(await fresh.outcome(asked, signal)).toEqual({ kind: 'unknown' });
  });
});
