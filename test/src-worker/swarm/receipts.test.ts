import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReceiptClaim } from '../../../src-shared/rounds/receipts.ts';
import { ratesFromReceipts } from '../../../src-shared/scoring/bandwidth.ts';
import { Control } from '../../../src-worker/swarm/control/control.ts';
import { RECEIPT_LIMIT_MS, RECEIPT_TOLERANCE } from '../../../src-worker/swarm/limits.ts';
import { ask } from '../../../src-worker/swarm/net/ask.ts';
import { toBytes } from '../../../src-worker/swarm/net/json.ts';
import { Receipts } from '../../../src-worker/swarm/receipts.ts';
import { dropGroups, type Group, group, never, planOf, ROUND, runAll } from './butterfly-group.ts';
import { played, playFor, playTime } from './played-time.ts';

const RUN_TAG = '0123456789abcdef';
/** It sends at half of the pace of the others, and reduces nothing: its line carries its own chunks alone. */
const SLOW = 2;
const TO = 0;
const controls: Control[] = [];

beforeEach(playTime);
afterEach(async () => {
  for (const control of controls.splice(0)) control.stop();
  await dropGroups();
  vi.useRealTimers();
});

interface Told {
  readonly g: Group;
  readonly receipts: readonly Receipts[];
}

/** Four that have averaged, one of them behind a line on which its chunks take a while. */
async function averaged(): Promise<Told> {
  const terms = [{}, {}, { reduces: false }, {}];
  const g = await group(4, { chunkElements: 1_024, elements: 1_024 * 120, terms });
  const { mainMs } = planOf(g, SLOW).times;
  g.world.slow(g.members[SLOW]!.hotkey, (1_024 * 120 * 2 * 1_000) / (0.5 * mainMs));
  await runAll(g);
  const nothing = () => undefined;
  const everybody = new Set(g.members.map(({ hotkey }) => hotkey));
  const receipts = g.members.map(({ hotkey, key: { sign } }, i) => {
    const network = g.world.peers.get(hotkey)!;
    const events = {
      ...{ onSaid: nothing, onRoster: nothing, onProposal: nothing },
      ...{ onResults: nothing, onResultsProposal: nothing, onContradiction: nothing },
    };
    const control = new Control({ network, runTag: RUN_TAG, sign, events });
    control.setMembers(everybody, new Set());
    control.setRound(ROUND);
    controls.push(control);
    return new Receipts({ network, control, butterfly: g.butterflies[i]!, runTag: RUN_TAG, sign });
  });
  return { g, receipts };
}

/** What the receiver measured of the slow one. */
function claimOf({ g }: Told): ReceiptClaim {
  const line = g.butterflies[TO]!.exchangeOf(ROUND)!.lines.get(SLOW)!;
  return {
    ...{ round: ROUND, from: g.members[SLOW]!.hotkey, to: g.members[TO]!.hotkey },
    ...{ bytes: line.chunkBytesReceived, durationMs: line.lastChunkAtMs! - line.openedAtMs! },
  };
}

/** Whether the sender signs a claim that its receiver makes. */
const isSigned = ({ g }: Told, claim: ReceiptClaim): Promise<boolean> => {
  const limits = { maxBytes: 1_024, limitMs: 1_000, signal: never };
  const network = g.world.peers.get(claim.to)!;
  return played(
    ask(network, { hotkey: claim.from, protocol: 'receipts' }, toBytes(claim), limits).then(
      () => true,
      () => false,
    ),
  );
};

describe('a receipt', () => {
  it('of an honest pair is signed by both, at any pace', async () => {
    const { g, receipts } = await averaged();
    for (const one of receipts) one.write(ROUND, never);
    const own = await played(Promise.all(receipts.map((one) => one.of(ROUND))));
    // The slow one reduces nothing, so nobody sends it chunks.
    expect(own.map((all, i) => all.filter(({ to }) => to === g.members[i]!.hotkey).length)).toEqual([
      3, 3, 0, 3,
    ]);
    expect(own.flat().every(({ countersigned }) => countersigned)).toBe(true);
  });

  it('is signed as long as its time can be true by the clock of the sender', async () => {
    const told = await averaged();
    const claim = claimOf(told);
    expect(claim.durationMs).toBeGreaterThan(1_000);
    // It is asked long after, and the time since then is none of it.
    await playFor(20 * claim.durationMs);
    const signed = (factor: number) => isSigned(told, { ...claim, durationMs: claim.durationMs * factor });
    expect(await signed(1)).toBe(true);
    expect(await signed(1 + RECEIPT_TOLERANCE / 2)).toBe(true);
    // Ten times as fast or as slow as it was; and in no time, or in one that has not passed.
    for (const factor of [0.1, 0.8, 1.2, 10, 0, 1_000])
      expect([factor, await signed(factor)]).toEqual([factor, false]);
  });

  it('of who hears the question late is signed by both all the same, and the others wait for none of it', async () => {
    const told = await averaged();
    const { g, receipts } = told;
    const { from, to } = claimOf(told);
    // Its line carries what is left of the round until then.
    const freeAtMs = performance.now() + 3.5 * RECEIPT_LIMIT_MS;
    g.world.tamper(to, from, 'receipts', (bytes, deliver) => {
      setTimeout(() => deliver(bytes), Math.max(0, freeAtMs - performance.now()));
    });
    receipts[TO]!.write(ROUND, never);
    const signedOf = async () =>
      new Map((await played(receipts[TO]!.of(ROUND))).map((one) => [one.from, one.countersigned] as const));
    const first = await signedOf();
    expect(first.size).toBe(3);
    for (const [sender, isSigned] of first) expect([sender, isSigned]).toEqual([sender, sender !== from]);
    await playFor(4 * RECEIPT_LIMIT_MS);
    expect([...(await signedOf()).values()]).toEqual([true, true, true]);
  });

  it('from which the sender withholds its signature says what the receiver measured, and that counts', async () => {
    const told = await averaged();
    const { g, receipts } = told;
    const claim = claimOf(told);
    g.world.tamper(claim.from, claim.to, 'receipts', () => undefined);
    receipts[TO]!.write(ROUND, never);
    const known = await played(receipts[TO]!.of(ROUND));
    const one = known.find(({ from }) => from === claim.from)!;
    expect(one).toEqual({ ...claim, countersigned: false });
    const { upBytesPerS } = ratesFromReceipts([one], claim.from);
    expect(upBytesPerS).toBeCloseTo((claim.bytes / claim.durationMs) * 1_000);
  });
});
