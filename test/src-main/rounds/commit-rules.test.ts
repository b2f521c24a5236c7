import { describe, expect, it } from 'vitest';
import { step } from '../../../src-main/rounds/round-machine.ts';
import { rosterDigest } from '../../../src-shared/rounds/signed.ts';
import { type Hex, hex } from '../../../src-shared/units.ts';
import {
  bench,
  digestOf,
  facts,
  genesis,
  kinds,
  miners,
  pendingRound,
  readyOf,
  report,
  rosterOf,
  START,
  standingOn,
  witness,
} from './machine-bench.ts';

const result = digestOf('result');
const OUTCOME = START + 17;
const [alice, bob, carol] = miners as [(typeof miners)[0], (typeof miners)[0], (typeof miners)[0]];

function reportAs(at: ReturnType<typeof bench>, names: typeof miners, id: Hex) {
  return names.flatMap((hotkey) => at.feed({ kind: 'result', hotkey, round: 0, resultId: id }));
}

function outcome(at: ReturnType<typeof bench>, id: Hex | null) {
  at.block(OUTCOME);
  return at.feed({
    kind: 'outcome',
    round: 0,
    outcome: id ? { kind: 'committed', id } : { kind: 'void' },
  });
}

describe('a round without faults', () => {
  it('goes from opening to commit in the order of the rules', () => {
    const at = bench(alice);
    expect(kinds(at.block(START))).toEqual(['readFacts']);
    expect(kinds(at.feed({ kind: 'facts', round: 0, facts: facts() }))).toEqual(['persist', 'openRound']);
    expect(at.feed({ kind: 'opened', round: 0 })).toEqual([]);
    expect(at.block(START + 11)).toEqual([]);
    expect(kinds(at.block(START + 12))).toEqual(['contribute']);
    expect(kinds(at.feed({ kind: 'contributed', round: 0, contribution: readyOf(alice) }))).toEqual([
      'persist',
      'announceReady',
    ]);
    const roster = rosterOf();
    expect(kinds(at.feed({ kind: 'roster', roster, rosterDigest: rosterDigest(roster) }))).toEqual([
      'persist',
      'reduce',
    ]);
    expect(at.feed({ kind: 'reduced', round: 0, report: report(1) })).toEqual([]);
    const name = { round: 0, rosterDigest: rosterDigest(roster), resultsDigest: digestOf('results') };
    expect(kinds(at.feed({ kind: 'resultsList', name }))).toEqual(['persist', 'takeResults']);
    expect(kinds(at.feed({ kind: 'resultsTaken', round: 0, report: report(1) }))).toEqual([
      'persist',
      'prepare',
    ]);
    const prepared = { baseDigest: digestOf('base'), resultsDigest: digestOf('results'), resultId: result };
    expect(kinds(at.feed({ kind: 'prepared', round: 0, prepared }))).toEqual(['persist', 'announceResult']);
    expect(kinds(at.block(OUTCOME))).toEqual(['readOutcome']);
    expect(at.feed({ kind: 'outcome', round: 0, outcome: { kind: 'committed', id: result } })).toMatchObject([
      { kind: 'settle', outcome: 'committed', resultId: result, drawn: true, medianNorm: roster.medianNorm },
    ]);
    expect(kinds(at.feed({ kind: 'settled', round: 0, standing: standingOn(result, 0) }))).toEqual([
      'persist',
      'conclude',
      'readReceipts',
    ]);
    expect(kinds(at.block(START + 20))).toEqual(['readFacts']);
  });

  it('keeps the prepared commit on disk before the result is signed', () => {
    const at = bench(alice);
    at.toListed();
    at.feed({ kind: 'resultsTaken', round: 0, report: report(1) });
    const prepared = { baseDigest: digestOf('base'), resultsDigest: digestOf('results'), resultId: result };
    const commands = at.feed({ kind: 'prepared', round: 0, prepared });
    expect(commands[0]).toMatchObject({ kind: 'persist', pending: { prepared, drawn: true } });
    expect(commands[1]).toMatchObject({ kind: 'announceResult', resultId: result });
  });

  it('opens no round before the outcome of the last one is settled', () => {
    const at = bench(alice);
    at.toPrepared(result);
    expect(kinds(at.block(OUTCOME))).toEqual(['readOutcome']);
    expect(at.block(START + 20)).toEqual([]);
    at.feed({ kind: 'outcome', round: 0, outcome: { kind: 'void' } });
    const settled = at.feed({ kind: 'settled', round: 0, standing: standingOn(genesis, -1) });
    expect(kinds(settled)).toEqual(['persist', 'conclude', 'readReceipts', 'readFacts']);
  });
});

describe('the witness', () => {
  it('writes once more than half of the working members report what it computed itself', () => {
    const at = bench(witness);
    at.toPrepared(result);
    expect(reportAs(at, [alice, bob], result)).toEqual([]);
    expect(reportAs(at, [carol], result)).toEqual([
      {
        kind: 'writeRecord',
        record: { round: 0, parentId: genesis, resultId: result, lastBlock: OUTCOME },
      },
    ]);
    expect(reportAs(at, miners, result)).toEqual([]);
  });

  it('counts weight that contributed by the list, not heads', () => {
    const at = bench(witness);
    at.toListed();
    const silent = { hotkey: carol, takenShare: 0, returnedShare: null, stoodIn: 0, error: null };
    at.feed({ kind: 'resultsTaken', round: 0, report: { ...report(1), members: [silent] } });
    const prepared = { baseDigest: digestOf('base'), resultsDigest: digestOf('results'), resultId: result };
    at.feed({ kind: 'prepared', round: 0, prepared });
    at.feed({ kind: 'audited', round: 0, verdict: 'passed', withheld: [] });
    expect(reportAs(at, [alice, carol], result)).toEqual([]);
    expect(kinds(reportAs(at, [bob], result))).toEqual(['writeRecord']);
  });

  it('signs one list of results a round, and has it in its journal first', () => {
    const at = bench(witness);
    const rosterDigest = at.toRoster();
    expect(at.feed({ kind: 'reduced', round: 0, report: report(1) })).toEqual([
      { kind: 'composeResults', round: 0, rosterDigest },
    ]);
    const vote = { round: 0, rosterDigest, resultsDigest: digestOf('results'), proposer: witness };
    expect(at.feed({ kind: 'resultsComposed', round: 0, resultsDigest: vote.resultsDigest })).toMatchObject([
      { kind: 'persist', pending: { signedResults: vote } },
      { kind: 'signResults', vote },
    ]);
    expect(at.feed({ kind: 'resultsComposed', round: 0, resultsDigest: digestOf('other') })).toEqual([]);
    expect(at.block(START + 15)).toEqual([]);
  });

  it('asks for its own list again where what it held made none', () => {
    const at = bench(witness);
    at.toRoster();
    at.feed({ kind: 'reduced', round: 0, report: report(0.5) });
    expect(at.feed({ kind: 'resultsComposed', round: 0, resultsDigest: null })).toEqual([]);
    expect(kinds(at.block(START + 14))).toEqual(['composeResults']);
  });

  it('does not write without a majority', () => {
    const at = bench(witness);
    at.toPrepared(result);
    expect(reportAs(at, [alice, bob], result)).toEqual([]);
    expect(reportAs(at, [carol], digestOf('another'))).toEqual([]);
    expect(outcome(at, null)).toMatchObject([{ kind: 'settle', outcome: 'void' }]);
  });

  it('does not write what its own recomputation contradicts, whoever reports it', () => {
    const at = bench(witness);
    at.toPrepared(digestOf('mine'));
    expect(reportAs(at, miners, result)).toEqual([]);
  });

  it('does not count its own report or that of a validator as a member of weight', () => {
    const at = bench(witness);
    at.toPrepared(result);
    expect(reportAs(at, [alice, witness, bob], result)).toEqual([]);
  });

  it('that was silent and wakes after the outcome block writes nothing', () => {
    const at = bench(witness);
    at.toPrepared(result);
    at.block(OUTCOME);
    expect(kinds(reportAs(at, miners, result))).not.toContain('writeRecord');
  });

  it('sends after a crash what its journal says', () => {
    const record = { round: 0, parentId: genesis, resultId: result, outcomeBlock: OUTCOME };
    const at = bench(witness, { record });
    const { outcomeBlock: lastBlock, ...vote } = record;
    expect(at.block(OUTCOME - 1)).toContainEqual({ kind: 'writeRecord', record: { ...vote, lastBlock } });
  });

  it('sends nothing after a crash once the outcome block has come', () => {
    const record = { round: 0, parentId: genesis, resultId: result, outcomeBlock: OUTCOME };
    const at = bench(witness, { record });
    expect(kinds(at.block(OUTCOME))).not.toContain('writeRecord');
    expect(kinds(at.block(OUTCOME + 1))).not.toContain('writeRecord');
  });

  it('proposes at once when all who are registered are ready', () => {
    const at = bench(witness);
    at.toReady();
    const [last, ...first] = miners;
    for (const hotkey of first) expect(at.feed({ kind: 'ready', ready: readyOf(hotkey) })).toEqual([]);
    expect(kinds(at.feed({ kind: 'ready', ready: readyOf(last!) }))).toEqual(['persist', 'proposeRoster']);
  });

  it('that sees a part of the group does not take it for all of it', () => {
    const at = bench(witness);
    for (const hotkey of [alice, bob, carol]) at.feed({ kind: 'peer', hotkey, connected: true });
    at.toReady();
    for (const hotkey of [alice, bob, carol])
      expect(at.feed({ kind: 'ready', ready: readyOf(hotkey) })).toEqual([]);
    expect(kinds(at.block(START + 13))).toContain('proposeRoster');
  });

  it('proposes at the roster block with those who are ready by then', () => {
    const at = bench(witness);
    for (const hotkey of miners) at.feed({ kind: 'peer', hotkey, connected: true });
    at.toReady();
    for (const hotkey of [alice, bob, carol]) at.feed({ kind: 'ready', ready: readyOf(hotkey) });
    const [kept, proposal] = at.block(START + 13);
    expect(kept).toMatchObject({ kind: 'persist', pending: { round: 0, proposed: true } });
    expect(proposal).toMatchObject({ kind: 'proposeRoster' });
    if (proposal?.kind !== 'proposeRoster') throw new Error('no proposal');
    expect(proposal.roster.members.map(({ hotkey }) => hotkey).sort()).toEqual(
      [alice, bob, carol, witness].sort(),
    );
  });

  it('signs no second roster in a round, neither after a failure nor after the swarm came back', () => {
    const at = bench(witness);
    at.toReady();
    for (const hotkey of [alice, bob, carol]) at.feed({ kind: 'ready', ready: readyOf(hotkey) });
    const [, proposal] = at.block(START + 13);
    at.feed({ kind: 'failed', command: 'proposeRoster', code: 'CHILD_EXITED' });
    expect(at.block(START + 14)).toEqual([]);
    // It may have been heard by some: the same one is said again.
    expect(kinds(at.feed({ kind: 'swarmRestarted' }))).toEqual(['announceReady', 'proposeRoster']);
    expect(at.state.current?.proposal).toEqual(proposal?.kind === 'proposeRoster' ? proposal.roster : null);
    expect(at.feed({ kind: 'ready', ready: { ...readyOf(alice), sequences: 21 } })).toEqual([]);
  });

  it('proposes no roster below the minimum, and the round is skipped with the work kept', () => {
    const at = bench(witness);
    at.toReady();
    for (const hotkey of [alice, bob]) at.feed({ kind: 'ready', ready: readyOf(hotkey) });
    for (let block = START + 13; block < OUTCOME; block++) expect(at.block(block)).toEqual([]);
    expect(outcome(at, null)).toMatchObject([{ kind: 'settle', outcome: 'void', drawn: false }]);
    at.feed({ kind: 'settled', round: 0, standing: standingOn(genesis, -1) });
    expect(at.state.lastSkipped).toBe(true);
  });

  it('proposes nothing once every turn is over, and the round is skipped', () => {
    const at = bench(witness);
    at.toReady();
    at.block(START + 15);
    for (const hotkey of miners) expect(at.feed({ kind: 'ready', ready: readyOf(hotkey) })).toEqual([]);
    expect(at.block(START + 16)).toEqual([]);
  });

  it('gives a free rider weight 0 after a failed check, and its weight back after one that passes', () => {
    const propose = (passed: boolean[]) => {
      const at = bench(witness);
      for (const one of passed) at.feed({ kind: 'checked', hotkey: bob, passed: one });
      at.toReady();
      const proposal = miners
        .flatMap((hotkey) => at.feed({ kind: 'ready', ready: readyOf(hotkey) }))
        .find((command) => command.kind === 'proposeRoster');
      if (proposal?.kind !== 'proposeRoster') throw new Error('no proposal');
      return proposal.roster.members.find(({ hotkey }) => hotkey === bob);
    };
    expect(propose([false])).toMatchObject({ weight: 0, chunkCount: 0 });
    expect(propose([false, true])).toMatchObject({ weight: 20 });
  });
});

describe('a record that is on its way', () => {
  const vote = { round: 0, parentId: genesis, resultId: result, lastBlock: OUTCOME };
  function voting() {
    const at = bench(witness);
    at.toPrepared(result);
    expect(reportAs(at, miners, result)).toEqual([{ kind: 'writeRecord', record: vote }]);
    return at;
  }

  it.each([
    ['refused or expired', { kind: 'recordSent', record: vote, isDone: false } as const],
    ['not to be sent', { kind: 'failed', command: 'writeRecord', code: 'CHAIN_UNREACHABLE' } as const],
  ])('was %s: it is sent again, the same, once a block while blocks are left', (_how, fate) => {
    const at = voting();
    expect(at.block(START + 14)).toEqual([]);
    at.feed(fate);
    expect(at.block(START + 15)).toEqual([{ kind: 'writeRecord', record: vote }]);
    expect(at.block(START + 16)).toEqual([]);
    at.feed(fate);
    expect(kinds(at.block(OUTCOME))).toEqual(['readOutcome']);
  });

  it('is final: it is not sent again', () => {
    const at = voting();
    at.feed({ kind: 'recordSent', record: vote, isDone: true });
    expect(at.block(START + 15)).toEqual([]);
  });

  it('contradicts an earlier word: it is given up', () => {
    const at = voting();
    at.feed({ kind: 'failed', command: 'writeRecord', code: 'COMMITMENT_CONTRADICTS' });
    expect(at.block(START + 15)).toEqual([]);
  });
});

describe('a witness that did not vote for long', () => {
  const own = (round: number) => ({ tag: hex('00'.repeat(8)), round, parentId: genesis, resultId: result });
  const opens = (round: number, over: Parameters<typeof facts>[1], base: Hex | null = null) => {
    const at = bench(witness, base ? { standing: standingOn(base, 0) } : {});
    at.block(START + 20 * round);
    return at
      .feed({ kind: 'facts', round, facts: facts(base, over) })
      .filter((c) => c.kind === 'writeRecord');
  };

  it('names its base as parent before the next chance would come too late, and dies before anybody is ready', () => {
    expect(opens(5, { ownRecord: own(0) }, result)).toEqual([]);
    expect(opens(6, { ownRecord: own(0) }, result)).toEqual([
      {
        kind: 'writeRecord',
        record: { round: 6, parentId: result, resultId: null, lastBlock: START + 6 * 20 + 11 },
      },
    ]);
  });

  it('writes none that is no news', () => {
    expect(opens(9, { ownRecord: own(9) }, result)).toEqual([]);
  });

  it('writes none without knowing the base', () => {
    expect(opens(6, { ownRecord: own(0), base: { kind: 'unknown' } }, result)).toEqual([]);
    expect(opens(6, { ownRecord: own(0) }, digestOf('another'))).toHaveLength(1);
  });

  it('writes none once peers are ready', () => {
    const at = bench(witness, { standing: standingOn(result, 0) });
    at.block(START + 6 * 20 + 11);
    const commands = at.feed({ kind: 'facts', round: 6, facts: facts(result, { ownRecord: own(0) }) });
    expect(kinds(commands)).not.toContain('writeRecord');
  });
});

describe('words of peers', () => {
  it('an older Ready never takes the place of a newer one', () => {
    const at = bench(witness);
    at.toReady();
    at.feed({ kind: 'ready', ready: readyOf(alice, 1) });
    at.feed({ kind: 'ready', ready: readyOf(alice, 0) });
    expect(at.state.readies.get(alice)?.round).toBe(1);
  });

  it('a Ready of a round beyond the next is refused', () => {
    const at = bench(witness);
    at.toReady();
    at.feed({ kind: 'ready', ready: readyOf(alice, 2) });
    expect(at.state.readies.has(alice)).toBe(false);
  });
});

describe('where the chain does not name the base', () => {
  const unknown = { base: { kind: 'unknown' } } as const;

  it('a newcomer waits and says so, and asks again', () => {
    const at = bench(alice);
    at.block(START + 400);
    expect(at.feed({ kind: 'facts', round: 20, facts: facts(null, unknown) })).toEqual([]);
    expect(at.state.baseUnknown).toBe(true);
    expect(kinds(at.block(START + 401))).toEqual(['readFacts']);
  });

  it('who runs keeps its own and goes on', () => {
    const at = bench(alice, { standing: standingOn(result, 4) });
    at.block(START + 400);
    const commands = at.feed({ kind: 'facts', round: 20, facts: facts(null, unknown) });
    expect(kinds(commands)).toEqual(['persist', 'openRound', 'readReceipts']);
  });

  it('nothing was ever committed: the initial weights are the base of who has them', () => {
    const at = bench(alice);
    at.block(START + 400);
    expect(kinds(at.feed({ kind: 'facts', round: 20, facts: facts() }))).toEqual([
      'persist',
      'openRound',
      'readReceipts',
    ]);
  });
});

describe('a member', () => {
  it('that trained on nothing in the round is not ready in it, and keeps what it has', () => {
    const at = bench(alice);
    at.block(START);
    at.feed({ kind: 'facts', round: 0, facts: facts() });
    at.feed({ kind: 'opened', round: 0 });
    at.block(START + 12);
    const contribution = { ...readyOf(alice), sequences: 0 };
    expect(at.feed({ kind: 'contributed', round: 0, contribution })).toEqual([]);
    const roster = rosterOf();
    expect(kinds(at.feed({ kind: 'roster', roster, rosterDigest: rosterDigest(roster) }))).toEqual([
      'persist',
    ]);
    expect(outcome(at, null)).toMatchObject([{ kind: 'settle', outcome: 'void', drawn: false }]);
  });

  it('whose results are lost signs no digest and goes to the committed state', () => {
    const at = bench(alice);
    at.toRoster();
    expect(at.feed({ kind: 'reduced', round: 0, report: report(0.89, 3) })).toEqual([]);
    // What was taken of its contribution the list tells: nothing is settled before that is here, or known to be nowhere.
    const commands = outcome(at, result);
    expect(kinds(commands)).toEqual(['persist', 'conclude', 'readReceipts', 'loadState']);
    expect(commands).toContainEqual(expect.objectContaining({ kind: 'loadState', id: result }));
    // No round opens on the wrong base.
    expect(at.block(START + 20)).toEqual([]);
    const adopted = at.feed({ kind: 'adopted', standing: standingOn(result, 0) });
    expect(kinds(adopted)).toEqual(['readFacts']);
  });

  it('that was not drawn goes to the committed state before it settles anything', () => {
    const at = bench(alice);
    at.toRoster([bob, carol, miners[3]!]);
    expect(kinds(outcome(at, result))).toEqual(['persist', 'conclude', 'readReceipts', 'loadState']);
  });

  it('that learns between two blocks from which block rounds count asks at once', () => {
    const at = bench(alice);
    const unknown = { ...at.state, start: null, finalized: START + 3 };
    const { commands } = step(at.setup, unknown, { kind: 'start', block: START });
    expect(commands).toMatchObject([{ kind: 'readFacts', round: 0, start: START }]);
  });

  it('that missed an outcome asks for the state that the chain names before it opens a round', () => {
    const at = bench(alice);
    at.block(START + 60);
    expect(at.feed({ kind: 'facts', round: 3, facts: facts(result) })).toMatchObject([
      { kind: 'loadState', id: result, standing: { id: genesis } },
    ]);
    at.feed({ kind: 'failed', command: 'loadState', code: 'STATE_NO_DONOR' });
    expect(kinds(at.block(START + 61))).toEqual(['readFacts']);
    expect(kinds(at.feed({ kind: 'facts', round: 3, facts: facts(result) }))).toEqual(['loadState']);
    expect(kinds(at.feed({ kind: 'adopted', standing: standingOn(result, 2) }))).toEqual(['readFacts']);
    expect(kinds(at.feed({ kind: 'facts', round: 3, facts: facts(result) }))).toEqual([
      'persist',
      'openRound',
      'readReceipts',
    ]);
  });

  it('tells of a listed set of results that gave another base, goes to the committed one and on', () => {
    const at = bench(alice);
    at.toPrepared(digestOf('mine'));
    expect(kinds(outcome(at, result))).toContain('loadState');
    expect(at.state.differing).toEqual({ round: 0 });
    at.block(START + 20);
    const adopted = at.feed({ kind: 'adopted', standing: standingOn(result, 0) });
    expect(kinds(adopted)).toEqual(['readFacts']);
  });

  it('signs no base that was computed from anything but the agreed list', () => {
    const at = bench(alice);
    at.toListed();
    at.feed({ kind: 'resultsTaken', round: 0, report: report(1) });
    const prepared = { baseDigest: digestOf('base'), resultsDigest: digestOf('held'), resultId: result };
    expect(at.feed({ kind: 'prepared', round: 0, prepared })).toEqual([]);
    expect(at.state.current).toMatchObject({ step: 'spectating', prepared: null });
  });

  it('keeps to the first list that was agreed, and to lists of its own roster', () => {
    const at = bench(alice);
    const rosterDigest = at.toRoster();
    at.feed({ kind: 'reduced', round: 0, report: report(1) });
    const name = { round: 0, rosterDigest, resultsDigest: digestOf('results') };
    expect(at.feed({ kind: 'resultsList', name: { ...name, rosterDigest: digestOf('other') } })).toEqual([]);
    expect(at.feed({ kind: 'resultsList', name: { ...name, round: 1 } })).toEqual([]);
    expect(kinds(at.feed({ kind: 'resultsList', name }))).toEqual(['persist', 'takeResults']);
    expect(at.feed({ kind: 'resultsList', name: { ...name, resultsDigest: digestOf('late') } })).toEqual([]);
    expect(at.state.current?.resultsDigest).toBe(name.resultsDigest);
  });

  it('takes up a list that was agreed while it was still reducing', () => {
    const at = bench(alice);
    const rosterDigest = at.toRoster();
    const name = { round: 0, rosterDigest, resultsDigest: digestOf('results') };
    expect(at.feed({ kind: 'resultsList', name })).toEqual([]);
    expect(kinds(at.feed({ kind: 'reduced', round: 0, report: report(0.2, 16) }))).toEqual([
      'persist',
      'takeResults',
    ]);
  });

  it('counts a contribution as taken whole when the outcome can no longer be learned', () => {
    const at = bench(alice);
    at.toPrepared(result);
    at.block(OUTCOME);
    expect(at.feed({ kind: 'outcome', round: 0, outcome: { kind: 'unknown' } })).toMatchObject([
      { kind: 'settle', outcome: 'unknown', resultId: null, drawn: true },
    ]);
  });

  it('settles after a crash what was pending before it looks at any round', () => {
    const pending = pendingRound({
      drawn: true,
      rosterDigest: digestOf('roster'),
      prepared: { baseDigest: digestOf('base'), resultsDigest: digestOf('results'), resultId: result },
    });
    const at = bench(alice, { pending });
    expect(at.block(START + 45)).toEqual([{ kind: 'readOutcome', round: 0, outcomeBlock: OUTCOME }]);
    expect(at.feed({ kind: 'outcome', round: 0, outcome: { kind: 'committed', id: result } })).toMatchObject([
      { kind: 'settle', outcome: 'committed', resultId: result, rosterDigest: digestOf('roster') },
    ]);
    const settled = at.feed({ kind: 'settled', round: 0, standing: standingOn(result, 0) });
    expect(settled[0]).toEqual({ kind: 'persist', pending: null });
    expect(settled.at(-1)).toEqual({ kind: 'readFacts', round: 2, start: START, writer: null });
  });

  it('that was drawn before a crash stays drawn when a roster comes again', () => {
    const pending = pendingRound({ drawn: true, rosterDigest: rosterDigest(rosterOf()) });
    const at = bench(alice, { pending });
    at.block(START + 14);
    const roster = rosterOf();
    expect(at.feed({ kind: 'roster', roster, rosterDigest: rosterDigest(roster) })).toEqual([]);
    expect(at.state.current).toMatchObject({ drawn: true });
  });

  it('asks for the outcome again when the chain did not answer', () => {
    const at = bench(alice);
    at.toPrepared(result);
    expect(kinds(at.block(OUTCOME))).toEqual(['readOutcome']);
    at.feed({ kind: 'failed', command: 'readOutcome', code: 'CHAIN_UNREACHABLE' });
    expect(kinds(at.block(OUTCOME + 1))).toEqual(['readOutcome']);
  });

  it('settles again when train was down', () => {
    const at = bench(alice);
    at.toPrepared(result);
    outcome(at, result);
    at.feed({ kind: 'failed', command: 'settle', code: 'CHILD_EXITED' });
    expect(at.block(OUTCOME + 1)).toMatchObject([{ kind: 'settle', outcome: 'committed' }]);
  });

  it('takes no roster of another base, another round or another root than its own', () => {
    const at = bench(alice);
    at.toReady();
    const wrong = [rosterOf(miners, 1), rosterOf(miners, 0, result)];
    for (const roster of wrong)
      expect(at.feed({ kind: 'roster', roster, rosterDigest: rosterDigest(roster) })).toEqual([]);
    const members = rosterOf().members.map((member) =>
      member.hotkey === alice ? { ...member, root: digestOf('stale') } : member,
    );
    const stale = { ...rosterOf(), members };
    expect(kinds(at.feed({ kind: 'roster', roster: stale, rosterDigest: rosterDigest(stale) }))).toEqual([
      'persist',
    ]);
    expect(at.state.current?.drawn).toBe(false);
  });

  it.each([
    [14, ['persist', 'reduce']],
    [15, []],
  ])('takes a roster only while a witness may still have its turn: at offset %i', (offset, expected) => {
    const at = bench(alice);
    at.toReady();
    at.block(START + offset);
    const roster = rosterOf();
    const commands = at.feed({ kind: 'roster', roster, rosterDigest: rosterDigest(roster) });
    expect(kinds(commands)).toEqual(expected);
  });

  it('keeps to the first roster it accepted', () => {
    const at = bench(alice);
    const first = at.toRoster();
    const second = rosterOf([alice, bob, carol]);
    expect(at.feed({ kind: 'roster', roster: second, rosterDigest: rosterDigest(second) })).toEqual([]);
    expect(at.state.current?.rosterDigest).toBe(first);
  });
});

describe('the judge', () => {
  it('is asked once the outcome is known, and the round settles when it has answered', () => {
    const at = bench(alice, { isJudged: true });
    at.toPrepared(result);
    expect(outcome(at, result)).toMatchObject([{ kind: 'judge', round: { round: 0, committed: true } }]);
    expect(at.block(OUTCOME + 1)).toEqual([]);
    expect(at.feed({ kind: 'judged', round: 0 })).toMatchObject([{ kind: 'settle', outcome: 'committed' }]);
    expect(at.feed({ kind: 'judged', round: 0 })).toEqual([]);
  });

  it('that failed holds up no round, and is not asked again', () => {
    const at = bench(alice, { isJudged: true });
    at.toPrepared(result);
    outcome(at, result);
    at.feed({ kind: 'failed', command: 'judge', code: 'INTERNAL' });
    expect(kinds(at.block(OUTCOME + 1))).toEqual(['settle']);
  });

  it('answers for its own round only', () => {
    const at = bench(alice, { isJudged: true });
    at.toPrepared(result);
    outcome(at, result);
    expect(at.feed({ kind: 'judged', round: 1 })).toEqual([]);
  });
});

describe('the chain', () => {
  it('opens no round while finality stands still, and joins the current one after the gap', () => {
    const at = bench(alice);
    at.block(START + 19);
    at.feed({ kind: 'tick', nowMs: (START + 19) * 1_000 + 61_000, headBlock: null });
    expect(at.state.stalledForMs).toBe(61_000);
    const commands = at.block(START + 105);
    expect(commands).toEqual([]);
    at.feed({ kind: 'facts', round: 0, facts: facts() });
    expect(at.state.asking).toBe(5);
    expect(kinds(at.feed({ kind: 'facts', round: 5, facts: facts() }))).toEqual([
      'persist',
      'openRound',
      'readReceipts',
    ]);
    expect(at.state.current?.round).toBe(5);
  });

  it('counts finality as stalled when the best head runs far ahead of it', () => {
    const at = bench(alice);
    at.block(START + 1);
    at.feed({ kind: 'tick', nowMs: (START + 1) * 1_000, headBlock: START + 22 });
    expect(at.state.stalledForMs).toBeNull();
    at.feed({ kind: 'tick', nowMs: (START + 1) * 1_000, headBlock: START + 23 });
    expect(at.state.stalledForMs).not.toBeNull();
  });

  it('is no news at each look at it while it goes on', () => {
    const at = bench(alice);
    at.block(START + 1);
    const before = at.state;
    at.feed({ kind: 'tick', nowMs: (START + 1) * 1_000 + 2_000, headBlock: START + 2 });
    expect(at.state).toBe(before);
  });

  it('says nothing before the start block', () => {
    const at = bench(alice);
    for (let block = START - 30; block < START; block++) expect(at.block(block)).toEqual([]);
  });

  it('a late joiner trains in the round and takes no part in it', () => {
    const at = bench(alice);
    at.block(START + 14);
    at.feed({ kind: 'facts', round: 0, facts: facts() });
    expect(at.feed({ kind: 'opened', round: 0 })).toEqual([]);
    expect(at.state.current?.step).toBe('spectating');
  });

  it('who comes after the outcome waits for the next round', () => {
    const at = bench(alice);
    at.block(START + 18);
    expect(at.feed({ kind: 'facts', round: 0, facts: facts() })).toEqual([]);
    expect(at.block(START + 19)).toEqual([]);
    expect(kinds(at.block(START + 20))).toEqual(['readFacts']);
  });

  it('repeated and older finalized blocks change nothing', () => {
    const at = bench(alice);
    at.block(START + 3);
    const before = at.state;
    expect(at.block(START + 3)).toEqual([]);
    expect(at.block(START + 1)).toEqual([]);
    expect(at.state).toEqual(before);
  });
});

describe('restarted children', () => {
  it('a train that comes back while the round is worked on opens it again', () => {
    const at = bench(alice);
    at.block(START);
    at.feed({ kind: 'facts', round: 0, facts: facts() });
    at.feed({ kind: 'opened', round: 0 });
    expect(kinds(at.feed({ kind: 'trainRestarted', standing: standingOn(genesis, -1) }))).toEqual([
      'openRound',
    ]);
  });

  it('a swarm that comes back hears again that we are ready', () => {
    const at = bench(alice);
    at.toReady();
    expect(kinds(at.feed({ kind: 'swarmRestarted' }))).toEqual(['offerWork', 'announceReady']);
  });
});
