import type { Ready, Roster } from '../../src-shared/rounds/messages.ts';
import { rosterIsTooLate, seededOrder, turnsCome } from '../../src-shared/rounds/proposer.ts';
import { composeRoster, rosterFault, weightForSequences } from '../../src-shared/rounds/roster.ts';
import { rosterDigest as digestOf } from '../../src-shared/rounds/signed.ts';
import { type Hex, hex } from '../../src-shared/units.ts';
import { sendRecord } from './own-record.ts';
import type { FrozenWork, MachineSetup, MachineState, OpenRound, Step } from './round-state.ts';
import { pendingOf, still, withCurrent } from './round-state.ts';

/** A validator's Ready names no contribution. */
const NO_CONTRIBUTION = {
  root: hex('0'.repeat(64)),
  workDigest: hex('0'.repeat(64)),
  norm: 0,
  sequences: 0,
  upBytesPerS: 0,
  downBytesPerS: 0,
};

/** Says that this peer is ready; the contribution named here is the only one that the roster may list. */
export function announceOwn(
  setup: MachineSetup,
  state: MachineState,
  current: OpenRound,
  work: FrozenWork | null,
): Step {
  const { consensus, hotkey, schemaHash, role } = setup;
  const said = work ?? NO_CONTRIBUTION;
  const ready: Ready = {
    round: current.round,
    hotkey,
    baseId: state.standing.id,
    schemaHash,
    codec: consensus.codec.tiers[0]!,
    upBytesPerS: said.upBytesPerS,
    downBytesPerS: said.downBytesPerS,
    weight: role === 'validator' ? 0 : weightForSequences(said.sequences, consensus),
    norm: said.norm,
    root: said.root,
    workDigest: said.workDigest,
    sequences: said.sequences,
  };
  const saying: OpenRound = { ...current, step: 'ready', ready };
  const announced: MachineState = {
    ...withCurrent(state, saying),
    readies: new Map(state.readies).set(hotkey, ready),
  };
  const proposed = tryPropose(setup, announced);
  return {
    state: proposed.state,
    commands: [
      // After a restart the same is said again: for that it must be known.
      { kind: 'persist', pending: pendingOf(saying) },
      { kind: 'announceReady', ready },
      ...proposed.commands,
    ],
  };
}

/**
 * A witness proposes when all peers it is connected to are ready, if it is the first in the seeded order; else when
 * its turn has come. Too few ready: it looks again whenever something changes. It signs one roster a round, whatever
 * becomes of it: that it did stands in the journal first.
 */
export function tryPropose(setup: MachineSetup, state: MachineState): Step {
  const { current, finalized } = state;
  if (
    current?.step !== 'ready' ||
    current.proposed ||
    current.roster ||
    finalized === null ||
    state.isBlocked
  )
    return still(state);
  const { clock, group } = setup.consensus;
  const place = seededOrder(current.witnesses, current.blockHash, 'propose').indexOf(setup.hotkey);
  if (place < 0 || tooLateForRoster(setup, current, finalized)) return still(state);
  const offset = finalized - (current.outcomeBlock - clock.outcome);
  const early = place === 0 && everyoneIsReady(state, current);
  if (!early && turnsCome(clock, group.silentProposerBlocks, offset) <= place) return still(state);
  const roster = composeRoster(setup.consensus, {
    round: current.round,
    baseId: state.standing.id,
    schemaHash: setup.schemaHash,
    blockHash: current.blockHash,
    proposer: setup.hotkey,
    chunks: setup.chunks,
    readies: [...state.readies.values()],
    witnesses: current.witnesses,
    coldkeys: current.coldkeys,
    failedChecks: state.failedChecks,
  });
  if (!roster) return still(state);
  const proposing: OpenRound = { ...current, proposed: true, proposal: roster };
  return {
    state: withCurrent(state, proposing),
    commands: [
      { kind: 'persist', pending: pendingOf(proposing) },
      { kind: 'proposeRoster', roster },
    ],
  };
}

export function tooLateForRoster(
  { consensus }: MachineSetup,
  current: OpenRound,
  finalized: number,
): boolean {
  const { clock, group } = consensus;
  const offset = finalized - (current.outcomeBlock - clock.outcome);
  const late = rosterIsTooLate(clock, group.silentProposerBlocks, current.witnesses.length, offset);
  return late || finalized >= current.outcomeBlock;
}

/** Who sees nobody cannot tell, and waits for the roster block. */
function everyoneIsReady({ peers, readies }: MachineState, { round, coldkeys }: OpenRound): boolean {
  const expected = [...peers].filter((peer) => coldkeys.has(peer));
  return expected.length > 0 && expected.every((peer) => readies.get(peer)?.round === round);
}

/** Takes the first valid roster of the round; its signatures were checked where it arrived. */
export function takeRoster(setup: MachineSetup, state: MachineState, roster: Roster, digest: Hex): Step {
  const { current, finalized } = state;
  if (!current || current.rosterDigest || !current.averages || finalized === null) return still(state);
  if (!['ready', 'spectating'].includes(current.step) || tooLateForRoster(setup, current, finalized))
    return still(state);
  const fault = rosterFault(roster, {
    round: current.round,
    baseId: state.standing.id,
    chunks: setup.chunks,
    minMembers: setup.consensus.group.minMembers,
  });
  if (fault !== null || digestOf(roster) !== digest) return still(state);
  const own = roster.members.find(({ hotkey }) => hotkey === setup.hotkey);
  const drawn = current.step === 'ready' && own !== undefined && own.root === current.ready?.root;
  const listed: OpenRound = {
    ...current,
    roster,
    rosterDigest: digest,
    drawn,
    step: drawn ? 'reducing' : 'spectating',
    missed: drawn ? null : (current.missed ?? { code: 'not-in-roster', params: {} }),
  };
  return {
    state: withCurrent(state, listed),
    commands: [
      { kind: 'persist', pending: pendingOf(listed) },
      ...(drawn ? [{ kind: 'reduce' as const, round: current.round, roster, rosterDigest: digest }] : []),
    ],
  };
}

/**
 * A witness writes when more than half of the members of weight above 0 report one id, its own recomputation of the
 * outer step gave the same id, and the outcome block has not come. It writes once a round.
 */
export function tryRecord(setup: MachineSetup, state: MachineState): Step {
  const { current, finalized } = state;
  if (!current?.prepared || !current.roster || current.recorded || finalized === null || state.isBlocked)
    return still(state);
  if (!current.witnesses.includes(setup.hotkey) || finalized >= current.outcomeBlock) return still(state);
  const { resultId } = current.prepared;
  if (!isAgreed(current)) return still(state);
  const { round, outcomeBlock: lastBlock } = current;
  const vote = { round, parentId: state.standing.id, resultId, lastBlock };
  return sendRecord(withCurrent(state, { ...current, recorded: resultId }), vote);
}

/** Whether more than half of the members of weight above 0 report what we computed ourselves. */
export function isAgreed({ roster, prepared, results }: OpenRound): boolean {
  const voters = (roster?.members ?? []).filter(({ weight }) => weight > 0);
  const agreeing = voters.filter(({ hotkey }) => prepared && results.get(hotkey) === prepared.resultId);
  return agreeing.length > voters.length / 2;
}
