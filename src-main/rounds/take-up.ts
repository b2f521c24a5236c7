import type { Standing } from '../../src-shared/contract/train.ts';
import { prepares } from './outcome-steps.ts';
import { tryPropose } from './proposing.ts';
import type { MachineSetup, MachineState, OpenRound, RoundCommand, RoundStep, Step } from './round-state.ts';
import { still, withCurrent } from './round-state.ts';

/**
 * A restart costs steps, not the round: it goes on from what the journal and the spool hold. Everything that was said
 * is said again with the same bytes, for `swarm` has forgotten it; nothing is ever said otherwise.
 */
export function takeUp(setup: MachineSetup, state: MachineState, current: OpenRound): Step {
  const open = openCommand(current);
  if (isWorkedOn(current))
    return { state: withCurrent(state, { ...current, step: 'opening' }), commands: [open] };
  const next = goOn(setup, state, current);
  return { state: next.state, commands: [open, ...words(current), ...next.commands] };
}

/** From the furthest point that was reached. */
function goOn(setup: MachineSetup, state: MachineState, current: OpenRound): Step {
  const at = (step: RoundStep) => withCurrent(state, { ...current, step });
  if (current.prepared) return still(at('prepared'));
  if (prepares(current)) return { state: at('preparing'), commands: prepareCommand(current) };
  if (reduces(current)) return { state: at('reducing'), commands: reduceCommand(setup, state, current) };
  // Ready on another base than the one we stand on now is no word for this round any more.
  const isReady = current.rosterDigest === null && current.ready?.baseId === state.standing.id;
  return isReady ? tryPropose(setup, at('ready')) : still(at('spectating'));
}

/** A round that was still being worked on is opened again, and one whose new base could not be prepared prepares it. */
export function onTrainRestarted(before: MachineState, standing: Standing): Step {
  const state = { ...before, standing };
  const { current } = state;
  if (!current || current.step === 'resuming' || hasOutcome(current)) return still(state);
  const open = openCommand(current);
  if (isWorkedOn(current) && current.averages)
    return { state: withCurrent(state, { ...current, step: 'opening' }), commands: [open] };
  if (current.step !== 'spectating' || current.prepared || !prepares(current))
    return { state, commands: [open] };
  const preparing = withCurrent(state, { ...current, step: 'preparing' });
  return { state: preparing, commands: [open, ...prepareCommand(current)] };
}

/** It has forgotten everybody, and what we had said. An all-reduce that it was in the middle of is joined again. */
export function onSwarmRestarted(setup: MachineSetup, before: MachineState): Step {
  const state: MachineState = { ...before, peers: new Set() };
  const { current, finalized } = state;
  if (!current || current.step === 'resuming') return still(state);
  const isInTime = finalized !== null && finalized < current.outcomeBlock;
  // What it held of the results it has forgotten: it takes up what is on the disk, and asks for the rest.
  const joins = isInTime && JOINED_AGAIN.has(current.step) && reduces(current);
  // Nor does it hold any more what others had proposed; it tells us again of what it may sign.
  const joined: OpenRound = { ...current, listProposals: [], isComposing: false };
  return {
    state: withCurrent(state, joins ? { ...joined, step: 'reducing' } : joined),
    commands: [
      ...(state.isBlocked ? [] : words(current)),
      ...(joins ? reduceCommand(setup, state, current) : []),
    ],
  };
}

const JOINED_AGAIN: ReadonlySet<RoundStep> = new Set(['spectating', 'listing', 'taking']);

/** Nobody has heard of us in this round yet. */
const isWorkedOn = ({ ready, rosterDigest }: OpenRound): boolean => ready === null && rosterDigest === null;

const hasOutcome = ({ step }: OpenRound): boolean =>
  step === 'reading-outcome' || step === 'judging' || step === 'settling';

const reduces = ({ roster, drawn, isTaken, prepared }: OpenRound): boolean =>
  roster !== null && drawn && !isTaken && prepared === null;

const openCommand = ({ round, blockHash }: OpenRound): RoundCommand => ({
  kind: 'openRound',
  round,
  blockHash,
});

function reduceCommand(
  { consensus: { clock } }: MachineSetup,
  { finalized }: MachineState,
  { round, roster, rosterDigest, blockHash, rosterAtBlock, outcomeBlock }: OpenRound,
): readonly RoundCommand[] {
  if (!roster || !rosterDigest) return [];
  // Where the journal does not say it: the last block in which a roster may come.
  const cameAt = rosterAtBlock ?? outcomeBlock - clock.outcome + clock.roster;
  const rosterAgoBlocks = Math.max(0, (finalized ?? cameAt) - cameAt);
  return [{ kind: 'reduce', round, roster, rosterDigest, blockHash, rosterAgoBlocks }];
}

const prepareCommand = ({ round, rosterDigest }: OpenRound): readonly RoundCommand[] =>
  rosterDigest ? [{ kind: 'prepare', round, rosterDigest }] : [];

/** All that this peer has said in the round, in the order in which it did. */
function words({ round, ready, proposal, signedResults, prepared }: OpenRound): readonly RoundCommand[] {
  const said: RoundCommand[] = [];
  if (ready && ready.weight > 0) said.push({ kind: 'offerWork', round });
  if (ready) said.push({ kind: 'announceReady', ready });
  if (proposal) said.push({ kind: 'proposeRoster', roster: proposal });
  if (signedResults) said.push({ kind: 'signResults', vote: signedResults });
  const { resultId, baseDigest } = prepared ?? {};
  if (resultId && baseDigest) said.push({ kind: 'announceResult', round, resultId, baseDigest });
  return said;
}
