import type { Ready, Roster } from '../../src-shared/rounds/messages.ts';
import { weightForSequences } from '../../src-shared/rounds/roster.ts';
import { rosterFault } from '../../src-shared/rounds/roster-rules.ts';
import { rosterDigest as digestOf } from '../../src-shared/rounds/signed.ts';
import { type Hex, hex } from '../../src-shared/units.ts';
import { beginAudit } from './audit-steps.ts';
import { sendRecord } from './own-record.ts';
import { tooLateForRoster, tryPropose } from './proposing.ts';
import type { FrozenWork, MachineSetup, MachineState, OpenRound, Step } from './round-state.ts';
import { pendingOf, still, withCurrent } from './round-state.ts';

/** A validator's Ready names no contribution. */
const NO_CONTRIBUTION = {
  root: hex('0'.repeat(64)),
  workDigest: hex('0'.repeat(64)),
  norm: 0,
  sequences: 0,
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
  const measured = state.rates.get(hotkey);
  const ready: Ready = {
    round: current.round,
    hotkey,
    baseId: state.standing.id,
    schemaHash,
    codec: work?.codec ?? consensus.codec.tiers[0]!,
    upBytesPerS: measured?.upBytesPerS ?? 0,
    downBytesPerS: measured?.downBytesPerS ?? 0,
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

/** Takes the first valid roster of the round; its signatures were checked where it arrived. */
export function takeRoster(setup: MachineSetup, state: MachineState, roster: Roster, digest: Hex): Step {
  const { current, finalized } = state;
  if (!current || current.rosterDigest || !current.averages || finalized === null) return still(state);
  if (!['ready', 'spectating'].includes(current.step) || tooLateForRoster(setup, current, finalized))
    return still(state);
  const expected = { round: current.round, baseId: state.standing.id, chunks: setup.chunks };
  const fault = rosterFault(setup.consensus, roster, expected);
  if (fault !== null || digestOf(roster) !== digest) return still(state);
  const own = roster.members.find(({ hotkey }) => hotkey === setup.hotkey);
  const drawn = current.step === 'ready' && own !== undefined && own.root === current.ready?.root;
  const listed: OpenRound = {
    ...current,
    roster,
    rosterDigest: digest,
    rosterAtBlock: finalized,
    drawn,
    step: drawn ? 'reducing' : 'spectating',
    missed: drawn ? null : (current.missed ?? { code: 'not-in-roster', params: {} }),
  };
  return {
    state: withCurrent(state, listed),
    commands: [
      { kind: 'persist', pending: pendingOf(listed) },
      ...(drawn
        ? [
            {
              kind: 'reduce' as const,
              round: current.round,
              roster,
              rosterDigest: digest,
              blockHash: current.blockHash,
              rosterAgoBlocks: 0,
            },
          ]
        : []),
    ],
  };
}

/**
 * A witness writes when members with more than half of the contributing weight report one id, its own recomputation of the
 * outer step gave the same id, its audit found nothing wrong, and the outcome block has not come. It writes once a round.
 */
export function tryRecord(setup: MachineSetup, state: MachineState): Step {
  const { current, finalized } = state;
  if (!current?.prepared || !current.roster || current.recorded || finalized === null || state.isBlocked)
    return still(state);
  if (!current.witnesses.includes(setup.hotkey) || finalized >= current.outcomeBlock) return still(state);
  if (current.audit !== 'passed') return beginAudit(state, current);
  const { resultId } = current.prepared;
  if (!isAgreed(current)) return still(state);
  const { round, outcomeBlock: lastBlock } = current;
  const vote = { round, parentId: state.standing.id, resultId, lastBlock };
  return sendRecord(withCurrent(state, { ...current, recorded: resultId }), vote);
}

/** Whether members with more than half of the weight that contributed by the list report what we computed ourselves. */
export function isAgreed({ roster, report, prepared, results }: OpenRound): boolean {
  const silent = new Set(
    report?.members.filter(({ takenShare }) => takenShare === 0).map((one) => one.hotkey),
  );
  const voters = (roster?.members ?? []).filter(({ hotkey }) => !silent.has(hotkey));
  const agreeing = voters.filter(({ hotkey }) => prepared && results.get(hotkey) === prepared.resultId);
  return weightOf(agreeing) > weightOf(voters) / 2;
}

const weightOf = (members: readonly { readonly weight: number }[]): number =>
  members.reduce((sum, { weight }) => sum + weight, 0);
