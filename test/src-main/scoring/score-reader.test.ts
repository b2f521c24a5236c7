import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SCORES_ASKED_AFTER_MS, SCORES_ASKED_TIMES } from '../../../src-main/scoring/limits.ts';
import { startScoreReader } from '../../../src-main/scoring/score-reader.ts';
import { aborted } from '../../../src-node/waits.ts';
import type { ScoresView } from '../../../src-shared/contract/page/runs.ts';
import { profileHash as hashOf } from '../../../src-shared/profile/profile.ts';
import { encodeSignedText } from '../../../src-shared/rounds/signed-text.ts';
import { encodeCards } from '../../../src-shared/scoring/cards.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { connectAll, fakeHub } from '../../fakes/fake-swarm.ts';
import { fakeTrain } from '../../fakes/fake-train.ts';
import { consensus, miners, witness } from '../rounds/machine-bench.ts';

const anna = miners[0]!;
const signatureOf = (hotkey: Ss58) => Buffer.from(hotkey).toString('hex').padEnd(128, '0').slice(0, 128);
const signal = new AbortController().signal;
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function cardsBy(validator: Ss58, updatedAtMs: number, signer = validator): string {
  const card = { hotkey: anna, uid: 1, total: 0.5, average: 0.5, weightShare: 1, terms: {} };
  const text = encodeCards({ validator, round: 0, updatedAtMs, cards: [card] });
  return encodeSignedText({ text, signature: signatureOf(signer) });
}

function bench() {
  const hub = fakeHub();
  const joined = (hotkey: Ss58) =>
    hub.join(hotkey, fakeTrain({ hotkey, consensus, profileHash: hashOf(consensus) }));
  const validator = joined(witness);
  const miner = joined(anna);
  connectAll(
    new Map([
      [witness, validator],
      [anna, miner],
    ]),
  );
  const seen: ScoresView[] = [];
  const said: string[] = [];
  const reader = startScoreReader({
    swarm: miner,
    hotkey: anna,
    model: consensus.scoreModel,
    isSignedBy: ({ signature }, of) => signature === signatureOf(of),
    said: ({ set }) => said.push(`${set.validator} ${set.round}`),
    scores: (view) => seen.push(view),
    signal,
  });
  const offer = (updatedAtMs: number, as = witness, signer = as) =>
    validator.call('offerScores', { json: cardsBy(as, updatedAtMs, signer) }, signal);
  return { reader, seen, said, offer, miner };
}

describe('a miner reads its scores', () => {
  it('from the validator after a round, its own card among them', async () => {
    const { reader, seen, offer } = bench();
    await offer(10);
    reader.roundSettled([witness]);
    await vi.advanceTimersByTimeAsync(SCORES_ASKED_AFTER_MS);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      validator: witness,
      updatedAtMs: 10,
      mine: { hotkey: anna, total: 0.5 },
    });
    await reader.stop();
  });

  it('again until newer ones are there, and not for ever', async () => {
    const { reader, seen, offer, miner } = bench();
    await offer(10);
    reader.roundSettled([witness]);
    await vi.advanceTimersByTimeAsync(SCORES_ASKED_AFTER_MS);
    reader.roundSettled([witness]);
    await vi.advanceTimersByTimeAsync(SCORES_ASKED_AFTER_MS);
    expect(seen).toHaveLength(1);
    await offer(20);
    await vi.advanceTimersByTimeAsync(SCORES_ASKED_AFTER_MS);
    expect(seen).toHaveLength(2);
    const asked = miner.calls.length;
    reader.roundSettled([witness]);
    await vi.advanceTimersByTimeAsync(10 * SCORES_ASKED_AFTER_MS);
    expect(miner.calls.length - asked).toBe(SCORES_ASKED_TIMES);
    await reader.stop();
  });

  it('of the newest round also where somebody answers late about the one before', async () => {
    const { reader, said, offer, miner } = bench();
    const slow = Promise.withResolvers<{ json: null }>();
    const call = miner.call as (...all: unknown[]) => Promise<unknown>;
    miner.call = ((name: string, asked: { hotkey: Ss58 }, ...rest: unknown[]) =>
      name === 'fetchScores' && asked.hotkey === miners[1]
        ? slow.promise
        : call(name, asked, ...rest)) as never;
    await offer(10);
    reader.roundSettled([witness, miners[1]!]);
    await vi.advanceTimersByTimeAsync(SCORES_ASKED_AFTER_MS);
    reader.roundSettled([witness]);
    slow.resolve({ json: null });
    await vi.advanceTimersByTimeAsync(SCORES_ASKED_AFTER_MS - 1);
    await offer(20);
    await vi.advanceTimersByTimeAsync(1);
    expect(said).toEqual([`${witness} 0`, `${witness} 0`]);
    await reader.stop();
  });

  it('of all that answer, at once, though one hangs; and shows those of the first that was named', async () => {
    const { reader, seen, said, miner } = bench();
    const [first, hanging, third] = miners.slice(1) as [Ss58, Ss58, Ss58];
    const call = miner.call as (...all: unknown[]) => Promise<unknown>;
    const answers = new Map([[third, 1]]);
    miner.call = (async (name: string, asked: { hotkey: Ss58 }, until: AbortSignal) => {
      if (name !== 'fetchScores') return call(name, asked, until);
      if (asked.hotkey === hanging) await aborted(until);
      const atMs = answers.get(asked.hotkey);
      return { json: atMs === undefined ? null : cardsBy(asked.hotkey, atMs) };
    }) as never;
    reader.roundSettled([first, hanging, third]);
    await vi.advanceTimersByTimeAsync(SCORES_ASKED_AFTER_MS);
    expect([said, seen.map(({ validator }) => validator)]).toEqual([[`${third} 0`], [third]]);
    answers.set(first, 2);
    await vi.advanceTimersByTimeAsync(SCORES_ASKED_AFTER_MS);
    expect(seen.map(({ validator }) => validator)).toEqual([third, first]);
    // The one that hangs still does: nobody waits for it in the next round either.
    reader.roundSettled([third, hanging, first]);
    answers.set(first, 3).set(third, 3);
    await vi.advanceTimersByTimeAsync(SCORES_ASKED_AFTER_MS);
    expect(seen.at(-1)).toMatchObject({ validator: third, updatedAtMs: 3 });
    expect(said).toHaveLength(4);
    await reader.stop();
  });

  it('and takes no cards that name another validator', async () => {
    const { reader, seen, offer } = bench();
    await offer(10, miners[1]!);
    reader.roundSettled([witness]);
    await vi.advanceTimersByTimeAsync(10 * SCORES_ASKED_AFTER_MS);
    expect(seen).toEqual([]);
    expect(reader.view).toBeNull();
    await reader.stop();
  });

  it('and keeps what each said, once; what it did not sign itself is not taken', async () => {
    const { reader, seen, said, offer } = bench();
    await offer(10, witness, miners[1]!);
    reader.roundSettled([witness]);
    await vi.advanceTimersByTimeAsync(10 * SCORES_ASKED_AFTER_MS);
    expect([seen, said]).toEqual([[], []]);
    await offer(11);
    for (const _ of [1, 2]) {
      reader.roundSettled([witness]);
      await vi.advanceTimersByTimeAsync(10 * SCORES_ASKED_AFTER_MS);
    }
    expect(said).toEqual([`${witness} 0`]);
    await reader.stop();
  });
});
