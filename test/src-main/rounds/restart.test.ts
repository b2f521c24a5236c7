import { describe, expect, it } from 'vitest';
import type { PendingRound, RoundCommand, RoundStep } from '../../../src-main/rounds/round-state.ts';
import { rosterDigest } from '../../../src-shared/rounds/signed.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import {
  type Bench,
  bench,
  consensus,
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

/** A host that goes down at each step of a round and comes back with its journal: the round goes on. */
const alice = miners[0]!;
const result = digestOf('result');
const listed = { round: 0, rosterDigest: rosterDigest(rosterOf()), resultsDigest: digestOf('results') };
const composed = { kind: 'resultsComposed', round: 0, resultsDigest: digestOf('results') } as const;
const prepared = { baseDigest: digestOf('base'), resultsDigest: digestOf('results'), resultId: result };
const OUTCOME = START + 17;

/** Plays a peer and keeps what its journal and its mouth hold. */
function recorded(hotkey: Ss58, pending: PendingRound | null = null, isJudged = false) {
  const at = bench(hotkey, pending ? { pending, isJudged } : { isJudged });
  const said: RoundCommand[] = [];
  let kept = pending;
  const note = (commands: readonly RoundCommand[]) => {
    for (const command of commands)
      if (command.kind === 'persist') kept = command.pending;
      else said.push(command);
    return commands;
  };
  const feed: Bench['feed'] = (input) => note(at.feed(input));
  const block = (number: number) => note(at.block(number));
  return { at, feed, block, said, journal: () => kept };
}

type Recorded = ReturnType<typeof recorded>;

/** What happens to a peer in the round, in order; each leads to the step named. */
const course: readonly (readonly [RoundStep | 'composing', (peer: Recorded, hotkey: Ss58) => void])[] = [
  [
    'opening',
    (peer) => {
      peer.block(START);
      peer.feed({ kind: 'facts', round: 0, facts: facts() });
    },
  ],
  ['working', (peer) => peer.feed({ kind: 'opened', round: 0 })],
  [
    'contributing',
    (peer, hotkey) => {
      // Who says Ready first and who last must make no difference to the witness's turn.
      if (hotkey === witness) for (const one of miners) peer.feed({ kind: 'ready', ready: readyOf(one) });
      peer.block(START + 12);
    },
  ],
  [
    'ready',
    (peer, hotkey) => {
      if (hotkey !== witness) peer.feed({ kind: 'contributed', round: 0, contribution: readyOf(hotkey) });
      peer.block(START + 13);
    },
  ],
  [
    'reducing',
    (peer) => peer.feed({ kind: 'roster', roster: rosterOf(), rosterDigest: rosterDigest(rosterOf()) }),
  ],
  ['composing', (peer) => peer.feed({ kind: 'reduced', round: 0, report: report(1) })],
  [
    'listing',
    (peer, hotkey) => {
      if (hotkey === witness) peer.feed(composed);
    },
  ],
  ['taking', (peer) => peer.feed({ kind: 'resultsList', name: listed })],
  ['preparing', (peer) => peer.feed({ kind: 'resultsTaken', round: 0, report: report(1) })],
  ['prepared', (peer) => peer.feed({ kind: 'prepared', round: 0, prepared })],
];

const TAKING = course.findIndex(([step]) => step === 'taking');

/** What comes of commands that a restart repeats: the answers of `train` and `swarm`, which are the same as before. */
function answerAll(peer: Recorded, commands: readonly RoundCommand[]): void {
  for (const command of commands) {
    if (command.kind === 'openRound') answerAll(peer, peer.feed({ kind: 'opened', round: 0 }));
    if (command.kind === 'contribute')
      answerAll(peer, peer.feed({ kind: 'contributed', round: 0, contribution: readyOf(alice) }));
    if (command.kind === 'reduce')
      answerAll(peer, peer.feed({ kind: 'reduced', round: 0, report: report(1) }));
    if (command.kind === 'composeResults') answerAll(peer, peer.feed(composed));
    if (command.kind === 'takeResults')
      answerAll(peer, peer.feed({ kind: 'resultsTaken', round: 0, report: report(1) }));
    if (command.kind === 'audit')
      answerAll(peer, peer.feed({ kind: 'audited', round: 0, verdict: 'passed', withheld: [] }));
    if (command.kind === 'prepare') answerAll(peer, peer.feed({ kind: 'prepared', round: 0, prepared }));
  }
}

const wordsOf = (said: readonly RoundCommand[]) =>
  said.filter(({ kind }) =>
    ['announceReady', 'proposeRoster', 'signResults', 'announceResult', 'writeRecord'].includes(kind),
  );

/** Of each kind one word, however often. */
function expectOneWordEach(said: readonly RoundCommand[]): void {
  for (const kind of new Set(wordsOf(said).map((command) => command.kind)))
    expect(new Set(said.filter((one) => one.kind === kind).map((one) => JSON.stringify(one))).size).toBe(1);
}

describe.each([
  ['a miner', alice],
  ['the witness', witness],
])('%s that restarts', (_who, hotkey) => {
  it.each(course.map(([step], index) => [step, index] as const))(
    'while %s takes the round to its commit, and says nothing twice otherwise',
    (_step, index) => {
      const before = recorded(hotkey);
      for (const [, happens] of course.slice(0, index + 1)) happens(before, hotkey);
      const block = before.at.state.finalized!;
      const after = recorded(hotkey, before.journal());
      expect(after.at.state.current?.step).toBe('resuming');
      if (hotkey === witness) for (const one of miners) after.feed({ kind: 'ready', ready: readyOf(one) });
      answerAll(after, after.block(block + 1));
      // What others say comes again to whoever connects.
      for (let next = block + 2; next <= START + 13; next++) answerAll(after, after.block(next));
      if (index < 4) {
        const roster = rosterOf();
        answerAll(after, after.feed({ kind: 'roster', roster, rosterDigest: rosterDigest(roster) }));
      }
      // A list that was agreed stands in the journal; one that was not comes from the witnesses.
      if (index < TAKING) answerAll(after, after.feed({ kind: 'resultsList', name: listed }));
      for (const one of miners)
        answerAll(after, after.feed({ kind: 'result', hotkey: one, round: 0, resultId: result }));
      expect(after.at.state.current).toMatchObject({ step: 'prepared', drawn: true, prepared });
      const said = [...before.said, ...after.said];
      expectOneWordEach(said);
      const expected =
        hotkey === witness
          ? ['announceReady', 'announceResult', 'proposeRoster', 'signResults']
          : ['announceReady'];
      expect(kinds(said)).toEqual(expect.arrayContaining(expected));
      if (hotkey === witness) expect(after.at.state.current?.recorded).toBe(result);
      // Who signed before the restart signs the same once more: nobody may have heard it.
      const hadSigned = hotkey === witness && before.said.some(({ kind }) => kind === 'signResults');
      if (hadSigned) expect(kinds(after.said)).toContain('signResults');
      after.block(OUTCOME);
      const outcome = { kind: 'committed', id: result } as const;
      expect(after.feed({ kind: 'outcome', round: 0, outcome })).toMatchObject([
        { kind: 'settle', outcome: 'committed', resultId: result, drawn: true },
      ]);
    },
  );

  it.each([
    ['reading-outcome', 'no judge'],
    ['settling', 'no judge'],
    ['reading-outcome', 'a judge'],
    ['judging', 'a judge'],
    ['settling', 'a judge'],
  ] as const)('while %s with %s reads the outcome again', (step, who) => {
    const isJudged = who === 'a judge';
    const outcome = { kind: 'committed', id: result } as const;
    const before = recorded(hotkey, null, isJudged);
    for (const [, happens] of course) happens(before, hotkey);
    before.block(OUTCOME);
    if (step !== 'reading-outcome') before.feed({ kind: 'outcome', round: 0, outcome });
    if (step === 'settling' && isJudged) before.feed({ kind: 'judged', round: 0 });
    expect(before.at.state.current?.step).toBe(step);
    const after = recorded(hotkey, before.journal(), isJudged);
    expect(kinds(after.block(OUTCOME + 1))).toEqual(['readOutcome']);
    const known = after.feed({ kind: 'outcome', round: 0, outcome });
    if (isJudged)
      expect(known).toMatchObject([
        { kind: 'judge', round: { round: 0, readies: expect.any(Array), roster: rosterOf() } },
      ]);
    const settling = isJudged ? after.feed({ kind: 'judged', round: 0 }) : known;
    expect(kinds(settling)).toEqual(['settle']);
    const settled = after.feed({ kind: 'settled', round: 0, standing: standingOn(result, 0) });
    expect(kinds(settled)).toContain('conclude');
    expectOneWordEach([...before.said, ...after.said]);
  });
});

describe('a round from the journal', () => {
  it('of a time before Readies were kept waits for its outcome', () => {
    const at = bench(alice, { pending: pendingRound({ drawn: true, rosterDigest: digestOf('roster') }) });
    expect(kinds(at.block(START + 14))).toEqual(['openRound']);
    expect(at.state.current?.step).toBe('spectating');
    expect(kinds(at.block(OUTCOME))).toEqual(['readOutcome']);
  });

  it('in which the witness had signed a roster that nobody kept is signed no second time', () => {
    const at = bench(witness, { pending: pendingRound({ proposed: true, ready: readyOf(witness) }) });
    for (const one of miners) at.feed({ kind: 'ready', ready: readyOf(one) });
    expect(kinds(at.block(START + 13))).toEqual(['openRound', 'announceReady']);
    expect(at.block(START + 14)).toEqual([]);
  });

  it('in which the witness was ready and had signed no roster has it in the roster that it proposes', () => {
    const at = bench(witness, { pending: pendingRound({ ready: readyOf(witness) }) });
    for (const one of miners) at.feed({ kind: 'ready', ready: readyOf(one) });
    const proposal = at.block(START + 13).find(({ kind }) => kind === 'proposeRoster');
    expect(proposal?.kind === 'proposeRoster' && proposal.roster.members.map(({ hotkey }) => hotkey)).toEqual(
      expect.arrayContaining([witness, ...miners]),
    );
  });

  it('in which it was ready on another base than it stands on now goes on without it', () => {
    const ready = readyOf(alice, 0, digestOf('another'));
    const at = bench(alice, { pending: pendingRound({ ready }) });
    at.block(START + 13);
    expect(at.state.current?.step).toBe('spectating');
  });

  it('comes too late for a roster: it trains, and contributes nothing', () => {
    const at = bench(alice, { pending: pendingRound() });
    expect(kinds(at.block(START + 15))).toEqual(['openRound']);
    expect(at.feed({ kind: 'opened', round: 0 })).toEqual([]);
    expect(at.state.current?.step).toBe('spectating');
  });
});

describe('an all-reduce that is joined again', () => {
  const roster = rosterOf();
  const came = { drawn: true, roster, rosterDigest: rosterDigest(roster), ready: readyOf(alice) };
  const resumedAt = (block: number, rosterAtBlock: number | null) =>
    bench(alice, { pending: pendingRound({ ...came, rosterAtBlock }) }).block(block);

  it('is told how many blocks ago the roster came', () => {
    expect(resumedAt(START + 15, START + 13)).toContainEqual(
      expect.objectContaining({ kind: 'reduce', rosterAgoBlocks: 2 }),
    );
    const at = bench(alice);
    at.toRoster();
    const since = at.state.finalized!;
    at.block(since + 1);
    at.feed({ kind: 'failed', command: 'reduce', code: 'CHILD_EXITED' });
    expect(at.feed({ kind: 'swarmRestarted' })).toContainEqual(
      expect.objectContaining({ kind: 'reduce', rosterAgoBlocks: 1 }),
    );
  });

  it('whose journal does not say when the roster came goes by the last block in which one may', () => {
    const isReduce = (blocks: number) => expect.objectContaining({ kind: 'reduce', rosterAgoBlocks: blocks });
    expect(resumedAt(START + 15, null)).toContainEqual(isReduce(15 - consensus.clock.roster));
    expect(resumedAt(START + 8, null)).toContainEqual(isReduce(0));
  });
});

describe('a child that comes back', () => {
  it('swarm: an all-reduce that it was in the middle of is joined again', () => {
    const at = bench(alice);
    at.toRoster();
    at.feed({ kind: 'failed', command: 'reduce', code: 'CHILD_EXITED' });
    expect(kinds(at.feed({ kind: 'swarmRestarted' }))).toEqual(['offerWork', 'announceReady', 'reduce']);
    at.feed({ kind: 'reduced', round: 0, report: report(1) });
    expect(kinds(at.feed({ kind: 'resultsList', name: listed }))).toEqual(['persist', 'takeResults']);
  });

  it.each(['while the list is waited for', 'while its results are fetched'])(
    'swarm: %s it reduces again first',
    (when) => {
      const at = bench(alice);
      if (when.includes('fetched')) {
        at.toListed();
        at.feed({ kind: 'failed', command: 'takeResults', code: 'CHILD_EXITED' });
      } else {
        at.toRoster();
        at.feed({ kind: 'reduced', round: 0, report: report(1) });
      }
      expect(kinds(at.feed({ kind: 'swarmRestarted' }))).toEqual(['offerWork', 'announceReady', 'reduce']);
      const reduced = at.feed({ kind: 'reduced', round: 0, report: report(1) });
      const taken = when.includes('fetched') ? reduced : at.feed({ kind: 'resultsList', name: listed });
      expect(kinds(taken)).toEqual(['persist', 'takeResults']);
    },
  );

  it('train: a base that it could not prepare is prepared again', () => {
    const at = bench(alice);
    at.toListed();
    at.feed({ kind: 'resultsTaken', round: 0, report: report(1) });
    at.feed({ kind: 'failed', command: 'prepare', code: 'CHILD_EXITED' });
    const again = at.feed({ kind: 'trainRestarted', standing: standingOn(genesis, -1) });
    expect(kinds(again)).toEqual(['openRound', 'prepare']);
    expect(kinds(at.feed({ kind: 'prepared', round: 0, prepared }))).toEqual(['persist', 'announceResult']);
  });
});
