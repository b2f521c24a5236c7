import { describe, expect, it } from 'vitest';
import { type CodecId, valueCodecs } from '../../../src-shared/codec/table.ts';
import type { Receipt } from '../../../src-shared/rounds/messages.ts';
import { bench, consensus, ELEMENTS, facts, miners, pendingRound, readyOf, START } from './machine-bench.ts';

const alice = miners[0]!;
const tiers: readonly CodecId[] = ['fp16', 'int8', 'int4', 'sparse'];
const exchangeS = (consensus.reduce.exchangeBlocks * consensus.clock.blockMs) / 1_000;
/** In bytes per second: carries a little more than a tier's contribution in 0.8 of an exchange. */
const enoughFor = (tier: CodecId): number => (1.01 * valueCodecs[tier].bytes(ELEMENTS)) / (0.8 * exchangeS);

/** What three others sign of our link in a round: each a third of it. */
const receiptsAt = (bytesPerS: number): Receipt[] =>
  miners.slice(1).map((to) => {
    const bytes = Math.round(bytesPerS / 3);
    return { round: 0, from: alice, to, bytes, durationMs: 1_000, countersigned: true };
  });

function contributesAfter(bytesPerS: number | null, from: Parameters<typeof bench>[1] = {}) {
  const at = bench(alice, { tiers, ...from });
  if (bytesPerS !== null) at.feed({ kind: 'receipts', round: 0, receipts: receiptsAt(bytesPerS) });
  at.block(START);
  at.feed({ kind: 'facts', round: 0, facts: facts() });
  at.feed({ kind: 'opened', round: 0 });
  return { at, commands: at.block(START + 12) };
}

describe('the tier of a contribution', () => {
  it.each<[string, number | null, CodecId]>([
    ['before anybody signed for the link', null, 'fp16'],
    ['on a link that carries it', enoughFor('fp16'), 'fp16'],
    ['on a slower one', enoughFor('int8'), 'int8'],
    ['on one slower still', enoughFor('int4'), 'int4'],
    ['on the slowest', 1_000, 'sparse'],
  ])('%s is chosen before it is made', (_what, rate, codec) => {
    expect(contributesAfter(rate).commands).toMatchObject([{ kind: 'contribute', codec }]);
  });

  it('is announced as it was made, whatever is measured meanwhile', () => {
    const { at } = contributesAfter(enoughFor('int8'));
    at.feed({ kind: 'receipts', round: 1, receipts: receiptsAt(1_000) });
    const contribution = { ...readyOf(alice), codec: 'int8' as const };
    const commands = at.feed({ kind: 'contributed', round: 0, contribution });
    expect(commands.find(({ kind }) => kind === 'announceReady')).toMatchObject({ ready: { codec: 'int8' } });
  });

  it('is said again after a restart as it was said', () => {
    const ready = { ...readyOf(alice), codec: 'int4' as const };
    const at = bench(alice, { tiers, pending: pendingRound({ ready, rosterDigest: null, roster: null }) });
    const commands = at.block(START + 12);
    expect(commands.find(({ kind }) => kind === 'announceReady')).toMatchObject({ ready: { codec: 'int4' } });
  });
});
