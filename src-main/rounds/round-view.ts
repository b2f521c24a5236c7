import type {
  RoundPhase,
  RoundReason,
  RoundSummary,
  RoundView,
} from '../../src-shared/contract/page/runs.ts';
import type { Edge } from '../../src-shared/contract/swarm.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { readClock } from '../../src-shared/rounds/clock.ts';
import type { WaitReason } from '../../src-shared/states.ts';
import { missedList } from './listing.ts';
import type { MachineSetup, MachineState, OpenRound, RoundCommand } from './round-state.ts';
import { isAgreed } from './round-steps.ts';

/** How the rounds stand, in the words of the worker's state. */
export type RoundsStatus =
  | { readonly kind: 'waiting'; readonly for: WaitReason }
  | { readonly kind: 'training' }
  | { readonly kind: 'averaging' }
  | { readonly kind: 'degraded'; readonly error: CodedError }
  | { readonly kind: 'blocked'; readonly error: CodedError };

export function statusOf(setup: MachineSetup, state: MachineState): RoundsStatus {
  if (state.stalledForMs !== null) {
    const seconds = Math.round(state.stalledForMs / 1_000);
    return { kind: 'degraded', error: coded('FINALITY_STALLED', { seconds }) };
  }
  if (state.finalized === null) return { kind: 'waiting', for: 'chain' };
  if (state.start === null || readClock(setup.consensus.clock, state.start, state.finalized).round < 0)
    return { kind: 'waiting', for: 'start-block' };
  if (state.baseUnknown) return { kind: 'degraded', error: coded('BASE_UNKNOWN', {}) };
  if (state.loadFault && state.loading === null && !state.current)
    return { kind: 'degraded', error: loadProblem(state, state.loadFault) };
  if (state.loading !== null) return { kind: 'waiting', for: 'state' };
  if (state.differing) return { kind: 'degraded', error: coded('ROUND_EVIDENCE', state.differing) };
  if (state.current && ['reducing', 'listing', 'taking', 'preparing'].includes(state.current.step))
    return { kind: 'averaging' };
  return state.lastSkipped ? { kind: 'waiting', for: 'peers' } : { kind: 'training' };
}

/** A round with those gone by, the oldest first. */
export interface RoundWithHistory extends RoundView {
  readonly history: readonly RoundSummary[];
}

export function viewOf(
  setup: MachineSetup,
  state: MachineState,
  shown: { readonly edges: readonly Edge[]; readonly history: readonly RoundSummary[] },
): RoundWithHistory | null {
  if (state.start === null || state.finalized === null) return null;
  const { clock } = setup.consensus;
  const { round, offset } = readClock(clock, state.start, state.finalized);
  const current = state.current?.round === round ? state.current : null;
  const first = state.finalized - offset;
  return {
    round,
    phase: round < 0 ? 'before-start' : phaseOf(current),
    blockInRound: offset,
    blocksPerRound: clock.blocksPerRound,
    readyBlock: first + clock.ready,
    outcomeBlock: first + clock.outcome,
    readyPeers: [...state.readies.values()].filter((ready) => ready.round === round && ready.weight > 0)
      .length,
    members: current?.roster ? current.roster.members.filter(({ weight }) => weight > 0).length : null,
    group: current?.report?.members ?? [],
    ...shown,
  };
}

function phaseOf(current: OpenRound | null): RoundPhase {
  switch (current?.step) {
    case undefined:
      return 'settled';
    case 'resuming':
    case 'opening':
    case 'working':
      return 'working';
    case 'contributing':
    case 'ready':
      return 'ready';
    case 'reducing':
      return 'reducing';
    case 'listing':
    case 'taking':
      return 'listing';
    case 'preparing':
      return 'verifying';
    case 'spectating':
      return current?.roster ? 'awaiting-outcome' : 'working';
    default:
      return 'awaiting-outcome';
  }
}

export function summaryOf(
  setup: MachineSetup,
  { round: current, readies }: Extract<RoundCommand, { kind: 'conclude' }>,
  seen: { readonly edges: readonly Edge[]; readonly endedAtMs: number },
): RoundSummary {
  const readyMiners = readies.filter(({ weight }) => weight > 0).length;
  const committed = current.outcome?.kind === 'committed';
  return {
    round: current.round,
    outcome: committed ? 'committed' : current.rosterDigest === null ? 'skipped' : 'void',
    members: current.roster?.members.filter(({ weight }) => weight > 0).length ?? 0,
    contributed: committed && current.drawn && (current.ready?.weight ?? 0) > 0,
    bytes: (current.report?.bytesSent ?? 0) + (current.report?.bytesReceived ?? 0),
    durationMs: current.report?.durationMs ?? null,
    heldOutLoss: null,
    group: current.report?.members ?? [],
    ...seen,
    reason: reasonOf(setup, current, readyMiners),
  };
}

/** Why it came to nothing, or went by without this member, as far as this member can tell; null: nothing to explain. */
function reasonOf(setup: MachineSetup, current: OpenRound, readyMiners: number): RoundReason | null {
  const { outcome, rosterDigest, missed, prepared, drawn, resultsDigest, isTaken } = current;
  const plain = (code: RoundReason['code']): RoundReason => ({ code, params: {} });
  if (outcome?.kind === 'committed') {
    if (prepared?.resultId === outcome.id) return null;
    // There was a list, or nothing could have been committed: it did not come here in time.
    if (missed?.code === 'no-list' || (drawn && resultsDigest && !isTaken)) return plain('results-missing');
    if (missed) return missed;
    return plain(drawn ? 'late' : 'nothing-contributed');
  }
  if (outcome?.kind === 'unknown') return plain('chain-silent');
  if (missed?.code === 'not-averaged') return missed;
  if (current.audit === 'failed') return plain('wrong-result');
  const { minMembers: needed } = setup.consensus.group;
  if (rosterDigest === null)
    return readyMiners < needed
      ? { code: 'too-few-ready', params: { ready: readyMiners, needed } }
      : plain('no-roster');
  if (drawn && missed) return missed;
  if (drawn && !prepared) return missedList(setup, current);
  return plain(isAgreed(current) ? 'not-recorded' : 'no-agreement');
}

/** Whatever went wrong on the way, what is missing is the state; a list that lacks our base is another matter. */
function loadProblem({ standing, passed }: MachineState, fault: CodedError['code']): CodedError {
  if (fault === 'BASE_NOT_IN_LIST') return coded(fault, { round: standing.round });
  return coded('STATE_NO_DONOR', { round: passed });
}

function coded(code: CodedError['code'], params: CodedError['params']): CodedError {
  const error = new AppError(code, params);
  return { code: error.code, params: error.params };
}
