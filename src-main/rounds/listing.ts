import type { RoundReason } from '../../src-shared/contract/page/runs.ts';
import type { ReduceReport } from '../../src-shared/contract/swarm.ts';
import type { ResultsName, ResultsVote } from '../../src-shared/rounds/messages.ts';
import { listIsTooLate, listTurnsCome, seededOrder } from '../../src-shared/rounds/proposer.ts';
import type { Hex } from '../../src-shared/units.ts';
import type { MachineSetup, MachineState, OpenRound, Step } from './round-state.ts';
import { pendingOf, still, withCurrent } from './round-state.ts';

/** Our all-reduce is over: what counts of it the witnesses say in a list of results (ROUNDS section 5). */
export function onReduced(
  setup: MachineSetup,
  state: MachineState,
  current: OpenRound,
  report: ReduceReport,
): Step {
  if (current.step !== 'reducing' || !current.rosterDigest) return still(state);
  return inListing(setup, withCurrent(state, { ...current, report, step: 'listing' }));
}

/** While the list is waited for: at every block, and whenever something of it comes. */
export function inListing(setup: MachineSetup, state: MachineState): Step {
  const { current, finalized } = state;
  if (current?.step !== 'listing' || finalized === null) return still(state);
  // Too late for a vote it is still worth having: who holds the average follows the others, and loads no state.
  if (current.resultsDigest) return takeList(state, current, current.resultsDigest);
  if (isTooLate(setup, current, finalized))
    return still(withCurrent(state, { ...current, step: 'spectating', missed: missedList(setup, current) }));
  return trySign(setup, state);
}

/** Another witness proposes a list whose results are all here: it is signed when its turn has come. */
export function onListProposal(setup: MachineSetup, state: MachineState, vote: ResultsVote): Step {
  const { current } = state;
  if (!current || !isOf(current, vote) || current.signedResults) return still(state);
  if (vote.proposer === setup.hotkey || !current.witnesses.includes(vote.proposer)) return still(state);
  if (current.listProposals.some(({ proposer }) => proposer === vote.proposer)) return still(state);
  const listProposals = [...current.listProposals, vote];
  return inListing(setup, withCurrent(state, { ...current, listProposals }));
}

/** Our own list lies on the disk; null where what is held here makes none that anybody would sign. */
export function onComposed(
  setup: MachineSetup,
  state: MachineState,
  current: OpenRound,
  resultsDigest: Hex | null,
): Step {
  const composed: OpenRound = { ...current, isComposing: false };
  const { round, rosterDigest, step, signedResults } = composed;
  if (!resultsDigest || !rosterDigest || step !== 'listing' || signedResults || state.isBlocked)
    return still(withCurrent(state, composed));
  return sign(state, composed, { round, rosterDigest, resultsDigest, proposer: setup.hotkey });
}

/**
 * More than half of the witnesses signed this list. The first one of a round stands, also for who had given it up: another
 * one's blocks may have come a little earlier.
 */
export function onResultsList(setup: MachineSetup, state: MachineState, name: ResultsName): Step {
  const { current } = state;
  if (!current?.drawn || !isOf(current, name) || current.resultsDigest) return still(state);
  const { resultsDigest } = name;
  const listed: OpenRound = hasGivenUp(current)
    ? { ...current, resultsDigest, step: 'listing', missed: null }
    : { ...current, resultsDigest };
  return inListing(setup, withCurrent(state, listed));
}

/** Its exchange came to its end, and then no list came in time. */
const hasGivenUp = ({ step, report, missed }: OpenRound): boolean =>
  step === 'spectating' && report !== null && (missed?.code === 'no-list' || missed?.code === 'no-quorum');

/** The average of what the list names lies in the spool. */
export function onTaken(state: MachineState, current: OpenRound, report: ReduceReport): Step {
  if (current.step !== 'taking' || !current.rosterDigest) return still(state);
  const { round, rosterDigest } = current;
  const preparing: OpenRound = { ...current, report, isTaken: true, step: 'preparing' };
  return {
    state: withCurrent(state, preparing),
    commands: [
      { kind: 'persist', pending: pendingOf(preparing) },
      { kind: 'prepare', round, rosterDigest },
    ],
  };
}

function takeList(state: MachineState, current: OpenRound, resultsDigest: Hex): Step {
  const { round, rosterDigest } = current;
  if (!rosterDigest) return still(state);
  const taking: OpenRound = { ...current, step: 'taking' };
  return {
    state: withCurrent(state, taking),
    commands: [
      { kind: 'persist', pending: pendingOf(taking) },
      { kind: 'takeResults', name: { round, rosterDigest, resultsDigest } },
    ],
  };
}

/**
 * What a witness does for the list. In the seeded order of those whose turn has come it signs the first proposal that
 * it heard; where there is none and its own turn has come, it composes one, at every block anew until it can. Who was
 * silent in its own turn, or holds nothing that could be listed, so joins a later one. It signs one list a round,
 * whatever becomes of it: that it did stands in the journal first.
 */
function trySign(setup: MachineSetup, state: MachineState): Step {
  const { current } = state;
  if (!current || current.signedResults || state.isBlocked) return still(state);
  if (!current.witnesses.includes(setup.hotkey)) return still(state);
  const turns = turnsOf(setup, state, current);
  const inTurn = seededOrder(current.witnesses, current.blockHash, 'propose').slice(0, turns);
  for (const proposer of inTurn) {
    const heard = current.listProposals.find((vote) => vote.proposer === proposer);
    if (heard) return sign(state, current, heard);
  }
  return inTurn.includes(setup.hotkey) && !current.isComposing ? compose(state, current) : still(state);
}

function compose(state: MachineState, current: OpenRound): Step {
  const { round, rosterDigest } = current;
  if (!rosterDigest) return still(state);
  return {
    state: withCurrent(state, { ...current, isComposing: true }),
    commands: [{ kind: 'composeResults', round, rosterDigest }],
  };
}

function sign(state: MachineState, current: OpenRound, vote: ResultsVote): Step {
  const signing: OpenRound = { ...current, signedResults: vote };
  return {
    state: withCurrent(state, signing),
    commands: [
      { kind: 'persist', pending: pendingOf(signing) },
      { kind: 'signResults', vote },
    ],
  };
}

/** How many in the order may have their lists signed by now: the first as soon as its own exchange is over. */
function turnsOf({ consensus }: MachineSetup, { finalized }: MachineState, current: OpenRound): number {
  const { rosterAtBlock } = current;
  return listTurnsCome(consensus.reduce, (finalized ?? 0) - (rosterAtBlock ?? finalized ?? 0));
}

function isTooLate({ consensus }: MachineSetup, { outcomeBlock }: OpenRound, finalized: number): boolean {
  return listIsTooLate(consensus, finalized - (outcomeBlock - consensus.clock.outcome));
}

/** Why there is no list, as far as this member can tell: too little came together, or the witnesses did not agree. */
export function missedList({ consensus }: MachineSetup, { report, resultsDigest }: OpenRound): RoundReason {
  if (resultsDigest) return { code: 'results-missing', params: {} };
  if (report && report.elementsShare < consensus.reduce.commitShare)
    return { code: 'no-quorum', params: { percent: Math.floor(100 * report.elementsShare) } };
  return { code: 'no-list', params: {} };
}

const isOf = (current: OpenRound, name: Omit<ResultsName, 'resultsDigest'>): boolean =>
  current.round === name.round && current.rosterDigest === name.rosterDigest;
