import { describe, expect, it } from 'vitest';
import type { RoundCommand } from '../../../src-main/rounds/round-state.ts';
import { summaryOf } from '../../../src-main/rounds/round-view.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import {
  type Bench,
  bench,
  digestOf,
  facts,
  genesis,
  kinds,
  miners,
  readyOf,
  report,
  START,
  standingOn,
  witness,
} from './machine-bench.ts';

/** What the page is told of a round that came to nothing, or went by without us. */
const [alice, bob, carol, dave] = miners as [Ss58, Ss58, Ss58, Ss58];
const result = digestOf('result');
const OUTCOME = START + 17;
const seen = { edges: [], endedAtMs: 0 };

/** Ends the round with that outcome and summarises it. */
function reason(at: Bench, id: Hex | null) {
  at.block(OUTCOME);
  const outcome = at.feed({
    kind: 'outcome',
    round: 0,
    outcome: id ? { kind: 'committed', id } : { kind: 'void' },
  });
  const standing = id ? standingOn(id, 0) : standingOn(genesis, -1);
  const concluded = [...outcome, ...at.feed({ kind: 'settled', round: 0, standing })].find(
    (one): one is Extract<RoundCommand, { kind: 'conclude' }> => one.kind === 'conclude',
  );
  return concluded ? summaryOf(at.setup, concluded, seen).reason : 'not concluded';
}

function opened(hotkey: Ss58, over: Parameters<typeof facts>[1] = {}): Bench {
  const at = bench(hotkey);
  at.block(START);
  at.feed({ kind: 'facts', round: 0, facts: facts(null, over) });
  at.feed({ kind: 'opened', round: 0 });
  return at;
}

const idle = { ...readyOf(alice), sequences: 0 };

describe('why a round came to nothing', () => {
  it('too few were ready', () => {
    const at = bench(alice);
    at.toReady();
    at.feed({ kind: 'ready', ready: readyOf(bob) });
    expect(reason(at, null)).toEqual({ code: 'too-few-ready', params: { ready: 2, needed: 3 } });
  });

  it('a member was proven to have signed a wrong result', () => {
    const at = bench(alice);
    at.toPrepared(result);
    at.feed({ kind: 'fraud', hotkey: bob, round: 0 });
    expect(reason(at, null)).toEqual({ code: 'wrong-result', params: {} });
  });

  it('enough were ready, and no roster was signed', () => {
    const at = bench(alice);
    at.toReady();
    for (const one of [bob, carol, dave]) at.feed({ kind: 'ready', ready: readyOf(one) });
    expect(reason(at, null)).toMatchObject({ code: 'no-roster' });
  });

  it('too little of the model came together', () => {
    const at = bench(alice);
    at.toRoster();
    at.feed({ kind: 'reduced', round: 0, report: report(0.515) });
    expect(reason(at, null)).toEqual({ code: 'no-quorum', params: { percent: 51 } });
  });

  it('the witnesses signed no list of its results', () => {
    const at = bench(alice);
    at.toRoster();
    at.feed({ kind: 'reduced', round: 0, report: report(1) });
    at.block(OUTCOME - 1);
    expect(at.state.current?.step).toBe('spectating');
    expect(reason(at, null)).toMatchObject({ code: 'no-list' });
  });

  it('nobody could give the results that the list names', () => {
    const at = bench(alice);
    at.toListed();
    at.feed({ kind: 'failed', command: 'takeResults', code: 'RESULTS_MISSING' });
    expect(kinds(at.block(START + 14))).toEqual(['persist', 'takeResults']);
    at.feed({ kind: 'failed', command: 'takeResults', code: 'RESULTS_MISSING' });
    // Also when it is too late for a vote: it spares us the whole state.
    expect(kinds(at.block(OUTCOME - 1))).toEqual(['persist', 'takeResults']);
    expect(reason(at, null)).toMatchObject({ code: 'results-missing' });
  });

  it('others committed by a list of which nobody gave us all', () => {
    const at = bench(alice);
    at.toListed();
    at.feed({ kind: 'failed', command: 'takeResults', code: 'RESULTS_MISSING' });
    expect(reason(at, result)).toMatchObject({ code: 'results-missing' });
  });

  it('others committed by a list that never came here: not that there was none', () => {
    const at = bench(alice);
    at.toRoster();
    at.feed({ kind: 'reduced', round: 0, report: report(1) });
    at.block(OUTCOME - 1);
    expect(reason(at, result)).toMatchObject({ code: 'results-missing' });
  });

  it('members computed different states', () => {
    const at = bench(alice);
    at.toPrepared(result);
    for (const hotkey of [bob, carol])
      at.feed({ kind: 'result', hotkey, round: 0, resultId: digestOf('another') });
    expect(reason(at, null)).toMatchObject({ code: 'no-agreement' });
  });

  it('members agreed, and the witnesses wrote nothing', () => {
    const at = bench(alice);
    at.toPrepared(result);
    for (const hotkey of [bob, carol]) at.feed({ kind: 'result', hotkey, round: 0, resultId: result });
    expect(reason(at, null)).toMatchObject({ code: 'not-recorded' });
  });

  it('it does not average', () => {
    const at = opened(alice, { averages: false });
    at.block(START + 12);
    expect(reason(at, null)).toMatchObject({ code: 'not-averaged' });
  });

  it('its outcome can no longer be read', () => {
    const at = bench(alice);
    at.toPrepared(result);
    at.block(OUTCOME);
    at.feed({ kind: 'outcome', round: 0, outcome: { kind: 'unknown' } });
    const commands = at.feed({ kind: 'settled', round: 0, standing: standingOn(genesis, -1) });
    const concluded = commands.find((one) => one.kind === 'conclude');
    if (concluded?.kind !== 'conclude') throw new Error('not concluded');
    expect(summaryOf(at.setup, concluded, seen).reason).toMatchObject({ code: 'chain-silent' });
  });
});

describe('why a committed round went by without us', () => {
  it.each([
    ['we rest', [false]],
    ['we rested in it', [false, true]],
  ])('%s', (_when, active) => {
    const at = opened(alice);
    for (const isActive of active) at.feed({ kind: 'active', isActive });
    at.block(START + 12);
    at.feed({ kind: 'contributed', round: 0, contribution: idle });
    expect(reason(at, result)).toMatchObject({ code: 'paused' });
  });

  it('a rest counts for every round that it touches', () => {
    const at = bench(alice);
    at.feed({ kind: 'active', isActive: false });
    at.block(START + 20);
    at.feed({ kind: 'facts', round: 1, facts: facts() });
    expect(at.state.restedIn).toBe(0);
    at.feed({ kind: 'active', isActive: true });
    expect(at.state.restedIn).toBe(1);
  });

  it('nothing of ours was ready', () => {
    const at = opened(alice);
    at.block(START + 12);
    at.feed({ kind: 'contributed', round: 0, contribution: idle });
    expect(reason(at, result)).toMatchObject({ code: 'nothing-contributed' });
  });

  it('the roster was made without us', () => {
    const at = bench(alice);
    at.toRoster([bob, carol, dave]);
    expect(reason(at, result)).toMatchObject({ code: 'not-in-roster' });
  });

  it('a process of ours failed, and which', () => {
    const at = bench(alice);
    at.toRoster();
    at.feed({ kind: 'failed', command: 'reduce', code: 'CHILD_EXITED' });
    expect(reason(at, result)).toEqual({ code: 'own-fault', params: { error: 'CHILD_EXITED' } });
  });

  it('our own recomputation gave another state', () => {
    const at = bench(alice);
    at.toPrepared(digestOf('mine'));
    expect(reason(at, result)).toMatchObject({ code: 'differing' });
  });

  it('there is none where we took part, the witness too', () => {
    for (const hotkey of [alice, witness]) {
      const at = bench(hotkey);
      at.toPrepared(result);
      expect(reason(at, result)).toBeNull();
    }
  });
});
