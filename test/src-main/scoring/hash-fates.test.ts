import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Chain, ChainCall, HashTerms, TxFate } from '../../../src-main/network/chain.ts';
import { commitWeights } from '../../../src-main/scoring/commit-weights.ts';
import type { HiddenCommit } from '../../../src-main/scoring/hidden-weights.ts';
import { tellWeights } from '../../../src-main/scoring/tell-weights.ts';
import { weightsSetter } from '../../../src-main/scoring/weights-setter.ts';
import { AppError, type CodedError } from '../../../src-shared/errors/app-error.ts';
import { hex, type Ss58, ss58 } from '../../../src-shared/units.ts';
import { fakeChain } from '../../fakes/fake-chain.ts';
import { miners } from '../rounds/machine-bench.ts';
import { memoryHidden } from './memory-hidden.ts';
import { ALWAYS, memoryLast, seen } from './memory-last.ts';

const [anna] = miners as [Ss58];
const witness = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const WEIGHTS = [{ uid: 1, hotkey: anna, weight: 65_535 }];
/** Epochs of this chain begin at 100, 200, …; what is committed in one is said in the next. */
const EPOCH = 100;

const HASH = hex('ab'.repeat(32));
const done = (block: number): TxFate => ({
  ...{ kind: 'finalized', hash: HASH, block, blockHash: HASH, effect: { kind: 'done' } },
});
const refused = (error: string): TxFate => ({
  kind: 'refused',
  hash: HASH,
  module: 'SubtensorModule',
  error,
  block: 7,
});
const UNKNOWN: TxFate = { kind: 'unknown', hash: HASH, block: null };

/** A chain that holds hashes; what becomes of a call is said by the test. */
function bench({ kept = [], rateLimit = 20 }: { kept?: HiddenCommit[]; rateLimit?: number } = {}) {
  let block = 110;
  let listed: HashTerms['pending'] = [];
  let takes: 'hashes' | 'locks and hashes' | 'locks alone' = 'hashes';
  const calls: (readonly [number, ChainCall['kind']])[] = [];
  const told: CodedError[] = [];
  /** Takes each call into the next block. */
  const take = (call: ChainCall): TxFate => {
    if (call.kind === 'commitWeightsHash') list(call.hash);
    if (call.kind === 'revealWeights')
      listed = listed.filter(({ fromBlock, toBlock }) => block + 1 < fromBlock || block + 1 > toBlock);
    return done(block + 1);
  };
  let fateOf: (call: ChainCall) => TxFate = take;
  const epochBlock = () => block - (block % EPOCH);
  function list(hash: HashTerms['pending'][number]['hash']): void {
    const next = epochBlock() + EPOCH;
    listed = [{ hash, block: block + 1, fromBlock: next, toBlock: next + EPOCH - 1 }, ...listed];
  }
  const seats = [{ hotkey: witness }, { hotkey: anna }];
  const subnet = { commitReveal: true, weightsSetRateLimit: rateLimit };
  const fake = fakeChain({ neurons: seats, subnet });
  const chain: Chain = Object.assign(Object.create(fake) as Chain, {
    async hashTerms(): Promise<HashTerms> {
      if (takes === 'locks alone')
        throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: 'SubtensorModule.reveal_weights' });
      const next = epochBlock() + EPOCH;
      return {
        ...{ kind: 'hashed', block, versionKey: 0, epochBlock: epochBlock(), nextEpochBlock: next },
        ...{ revealBlock: next, pending: listed.filter(({ toBlock }) => toBlock >= block) },
      };
    },
    commitTerms: (...asked: Parameters<Chain['commitTerms']>) =>
      takes === 'hashes' ? chain.hashTerms(...asked) : fake.commitTerms(...asked),
    async submit(call: ChainCall): Promise<TxFate> {
      calls.push([block, call.kind]);
      return fateOf(call);
    },
  });
  const options = {
    ...{
      chain,
      hotkey: witness,
      hidden: memoryHidden(kept),
      last: memoryLast(),
      evidenceBlocks: ALWAYS,
      signal: new AbortController().signal,
    },
    signer: { address: witness, sign: async () => new Uint8Array(64) },
    problem: (error: CodedError) => told.push(error),
  };
  return {
    ...{ kept, calls, told, take, chain, options },
    at: (next: number) => {
      block = next;
    },
    answers: (next: typeof fateOf) => {
      fateOf = next;
    },
    takes: (next: typeof takes) => {
      takes = next;
    },
    lists: (next: HashTerms['pending']) => {
      listed = next;
    },
    listed: () => listed,
    commit: () => commitWeights(options, WEIGHTS),
    tell: () => tellWeights(options),
    of: (kind: ChainCall['kind']) => calls.filter(([, one]) => one === kind).map(([at]) => at),
  };
}

// What fails on its way is logged; here it is meant to.
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
});

/** The same chain under the one who decides when to commit and when to tell. */
function settled(on: ReturnType<typeof bench>) {
  const setter = weightsSetter({ ...on.options, onState: () => undefined });
  setter.offer([{ hotkey: anna, average: 0.5, ...seen }]);
  return async (from: number, to: number) => {
    for (let block = from; block <= to; block++) {
      on.at(block);
      setter.onBlock(block);
      await setter.settled();
    }
  };
}

describe('the salt of a hash that the chain holds', () => {
  it.each<readonly [string, () => TxFate]>([
    [
      'thrown',
      () => {
        throw new AppError('CHAIN_TOO_LATE', { lastBlock: 1, head: 2 });
      },
    ],
    ['refused', () => refused('CommittingWeightsTooFast')],
    ['expired', () => ({ kind: 'expired', hash: HASH })],
  ])('stays however many commits after it are %s, and they leave nothing', async (_what, fate) => {
    const { commit, at, answers, kept } = bench();
    await commit();
    const [first] = kept;
    answers(fate);
    for (let tries = 0; tries < 12; tries++) {
      at(210 + tries);
      await commit().catch(() => undefined);
    }
    expect(kept).toEqual([first]);
    expect(first).toMatchObject({ block: 111 });
  });

  it('stays beside ten whose fate nobody knows', async () => {
    const { commit, at, answers, kept } = bench();
    await commit();
    const [first] = kept;
    answers(() => UNKNOWN);
    for (let epoch = 2; epoch < 14; epoch++) {
      at(epoch * EPOCH + 10);
      await commit();
    }
    expect(kept[0]).toEqual(first);
    expect(kept.length).toBe(11);
  });

  it('stays as long as the chain lists it, whatever was thought when it was committed', async () => {
    const { commit, tell, at, lists, listed, kept, told } = bench();
    await commit();
    // The owner raised the period: it can be said two epochs later than was thought.
    lists(listed().map((one) => ({ ...one, fromBlock: 400, toBlock: 499 })));
    at(300);
    await tell();
    expect(kept).toHaveLength(1);
    at(400);
    expect(await tell()).toMatchObject({ state: { kind: 'set', block: 401 } });
    expect([kept, told]).toEqual([[], []]);
  });
});

it('after a throw the next commit waits longer and longer, and up to eight blocks', async () => {
  const on = bench();
  on.answers(() => {
    throw new AppError('TIMEOUT', { what: 'a node' });
  });
  await settled(on)(110, 145);
  expect(on.of('commitWeightsHash')).toEqual([110, 111, 113, 117, 125, 133, 141]);
});

describe('a commit whose fate nobody knows', () => {
  it('is told when the chain holds it after all, though it came at the end of its epoch', async () => {
    const on = bench({ rateLimit: 50 });
    on.answers((call) => {
      const fate = on.take(call);
      return call.kind === 'commitWeightsHash' && on.calls.length === 1 ? UNKNOWN : fate;
    });
    await settled(on)(170, 215);
    expect(on.calls).toEqual([
      [170, 'commitWeightsHash'],
      [199, 'revealWeights'],
    ]);
    expect([on.kept, on.told]).toEqual([[], []]);
  });

  it('is followed by no other in its epoch, after a restart neither, and by one in the next', async () => {
    const on = bench();
    on.answers(() => UNKNOWN);
    await settled(on)(110, 150);
    await settled(on)(151, 199);
    expect(on.of('commitWeightsHash')).toEqual([110]);
    on.answers(on.take);
    await settled(on)(200, 299);
    expect(on.of('commitWeightsHash')).toEqual([110, 200]);
  });

  it('is forgotten without a word when it never arrived', async () => {
    const on = bench();
    on.answers(() => UNKNOWN);
    await on.commit();
    on.at(300);
    await on.tell();
    expect([on.kept, on.told]).toEqual([[], []]);
  });
});

describe('a telling whose fate nobody knows', () => {
  it('was taken when the hash is gone before its time is over: nothing is lost', async () => {
    const on = bench();
    await on.commit();
    on.at(200);
    on.answers((call) => {
      on.take(call);
      return UNKNOWN;
    });
    await on.tell();
    const again = bench({ kept: on.kept });
    again.at(220);
    await again.tell();
    expect(again.kept).toEqual([]);
    again.at(301);
    await again.tell();
    expect([...on.told, ...again.told]).toEqual([]);
  });

  it.each(['NoWeightsCommitFound', 'InvalidRevealCommitHashNotMatch'])(
    'was taken when the chain answers the next one %s',
    async (error) => {
      const on = bench();
      await on.commit();
      on.at(200);
      on.answers(() => UNKNOWN);
      await on.tell();
      on.answers(() => refused(error));
      await on.tell();
      expect([on.kept, on.told]).toEqual([[], []]);
    },
  );

  it('is no excuse where none was sent: what the chain refuses then is lost', async () => {
    const on = bench();
    await on.commit();
    on.at(200);
    on.answers(() => {
      throw new AppError('TIMEOUT', { what: 'a node' });
    });
    await expect(on.tell()).rejects.toThrow();
    on.answers(() => refused('NoWeightsCommitFound'));
    await on.tell();
    expect(on.told).toEqual([
      { code: 'HIDDEN_WEIGHTS_LOST', params: { block: 111, error: 'NoWeightsCommitFound' } },
    ]);
  });

  it('does not hide that the time went by', async () => {
    const on = bench();
    await on.commit();
    on.at(200);
    on.answers(() => UNKNOWN);
    await on.tell();
    on.at(300);
    await on.tell();
    expect(on.told).toMatchObject([{ code: 'HIDDEN_WEIGHTS_LOST' }]);
  });
});

it('weights are committed though the telling of those before fails in every block', async () => {
  const on = bench();
  await on.commit();
  on.answers((call) => {
    if (call.kind === 'revealWeights') throw new AppError('TIMEOUT', { what: 'a node' });
    return on.take(call);
  });
  await settled(on)(200, 230);
  expect(on.of('commitWeightsHash')).toEqual([110, 200]);
});

describe('where the chain takes locks by now', () => {
  it('what was committed by its hash before is told', async () => {
    const on = bench();
    await on.commit();
    on.takes('locks and hashes');
    on.at(150);
    expect(await on.tell()).toEqual({ state: null, notBefore: 199 });
    on.at(200);
    expect(await on.tell()).toMatchObject({ state: { kind: 'set', block: 201 } });
    expect([on.kept, on.told]).toEqual([[], []]);
  });

  it('and no hash any more, people hear that it is lost', async () => {
    const on = bench();
    await on.commit();
    on.takes('locks alone');
    await on.tell();
    const params = { block: 111, error: 'CHAIN_CALL_UNAVAILABLE' };
    expect([on.kept, on.told]).toEqual([[], [{ code: 'HIDDEN_WEIGHTS_LOST', params }]]);
  });
});
