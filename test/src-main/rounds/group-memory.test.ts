import { describe, expect, it } from 'vitest';
import type { ReduceReport } from '../../../src-shared/contract/swarm.ts';
import type { Receipt } from '../../../src-shared/rounds/messages.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import {
  addressOf,
  bench,
  facts,
  genesis,
  miners,
  readyOf,
  report,
  START,
  standingOn,
  witness,
} from './machine-bench.ts';

const [anna, bob] = miners as [(typeof miners)[0], (typeof miners)[0]];

/** Round 0 comes to nothing; what is left of it is what this peer saw. */
function afterRound(at: ReturnType<typeof bench>, seen: ReduceReport): void {
  at.toRoster();
  at.feed({ kind: 'reduced', round: 0, report: seen });
  at.block(START + 17);
  at.feed({ kind: 'outcome', round: 0, outcome: { kind: 'void' } });
  at.feed({ kind: 'settled', round: 0, standing: standingOn(genesis, -1) });
}

function toReadyAgain(at: ReturnType<typeof bench>) {
  at.block(START + 20);
  at.feed({ kind: 'facts', round: 1, facts: facts() });
  at.feed({ kind: 'opened', round: 1 });
  return at.block(START + 32);
}

const taken = (share: number, shares: Readonly<Record<string, number | null>>): ReduceReport => ({
  ...report(share),
  members: miners.map((hotkey) => ({
    hotkey,
    takenShare: shares[hotkey] ?? (hotkey in shares ? null : 1),
    returnedShare: 1,
    stoodIn: 0,
    error: null,
  })),
});

describe('who was listed and silent', () => {
  /** The weight that the witness gives bob in the round after. */
  function weightAfter(seen: ReduceReport): number | undefined {
    const at = bench(witness);
    afterRound(at, seen);
    toReadyAgain(at);
    const [proposal] = miners
      .flatMap((hotkey) => at.feed({ kind: 'ready', ready: readyOf(hotkey, 1) }))
      .filter((command) => command.kind === 'proposeRoster');
    return proposal?.roster.members.find(({ hotkey }) => hotkey === bob)?.weight;
  }

  it('has weight 1 in the next roster', () => {
    expect(weightAfter(taken(1, { [bob]: 0 }))).toBe(1);
    expect(weightAfter(taken(1, {}))).toBe(20);
  });

  it('is not known by who lost results itself', () => {
    expect(weightAfter(taken(0.89, { [bob]: 0 }))).toBe(20);
    expect(weightAfter(taken(1, { [bob]: null }))).toBe(20);
  });
});

describe('whose contributions do harm', () => {
  const seven = [...miners, ...['emil', 'fritz', 'greta'].map(addressOf)];

  /** Those of so many miners that have weight in the roster of a witness that saw the first ones do harm. */
  function weighed(ready: number, harmful: number): readonly Ss58[] {
    const at = bench(witness);
    const registered = [witness, ...seven.slice(0, ready)];
    const coldkeys = new Map(registered.map((hotkey) => [hotkey, hotkey]));
    at.block(START);
    at.feed({ kind: 'facts', round: 0, facts: facts(null, { coldkeys }) });
    at.feed({ kind: 'opened', round: 0 });
    at.feed({ kind: 'harmful', hotkeys: new Set(seven.slice(0, harmful)) });
    for (const hotkey of seven.slice(0, ready)) at.feed({ kind: 'ready', ready: readyOf(hotkey) });
    const [proposal] = at.block(START + 12).filter((command) => command.kind === 'proposeRoster');
    const members = proposal?.roster.members ?? [];
    return seven.filter((one) => members.some(({ hotkey, weight }) => hotkey === one && weight > 0));
  }

  it('has no weight in the roster', () => {
    expect(weighed(4, 1)).toEqual(seven.slice(1, 4));
    expect(weighed(7, 3)).toEqual(seven.slice(3));
  });

  it('has some where too few would be left, for who is in no roster is not looked at again', () => {
    expect(weighed(4, 2)).toEqual(seven.slice(0, 4));
  });

  it('has some where most do it: then it is not theirs', () => {
    expect(weighed(7, 4)).toEqual(seven);
  });
});

describe('what moved between pairs', () => {
  const moved = (over: Partial<Receipt>): Receipt => ({
    round: 0,
    from: anna,
    to: bob,
    bytes: 1_000,
    durationMs: 1_000,
    countersigned: true,
    ...over,
  });

  it('is read when a round is over, and announced with the next contribution', () => {
    const at = bench(anna);
    afterRound(at, report(1));
    at.feed({
      kind: 'receipts',
      round: 0,
      receipts: [
        moved({}),
        moved({ from: bob, to: anna, bytes: 3_000 }),
        moved({ to: witness, bytes: 5_000 }),
      ],
    });
    toReadyAgain(at);
    const announced = at.feed({ kind: 'contributed', round: 1, contribution: readyOf(anna) });
    expect(announced).toContainEqual(
      expect.objectContaining({
        kind: 'announceReady',
        ready: expect.objectContaining({ upBytesPerS: 6_000, downBytesPerS: 3_000 }),
      }),
    );
  });

  it('of the last four rounds counts, and of none that is older', () => {
    const at = bench(anna);
    for (const round of [0, 1, 2, 3, 4])
      at.feed({ kind: 'receipts', round, receipts: [moved({ round, bytes: round === 0 ? 9e9 : 1_000 })] });
    expect(at.state.moved.map(({ round }) => round)).toEqual([4, 3, 2, 1]);
    expect(at.state.rates.get(anna)?.upBytesPerS).toBe(1_000);
  });
});
