import type { RoundReason } from '../../src-shared/contract/page/runs.ts';
import type { ErrorCode } from '../../src-shared/errors/catalogue.ts';
import type { MachineSetup, MachineState, OpenRound, RoundCommand } from './round-state.ts';

/**
 * What `train` is told once the outcome is known. A peer that holds the prepared commit takes it; one whose
 * contribution went out but whose results are lost counts it as taken whole (it cannot learn what was taken) and
 * loads the state; one that was not drawn keeps its work.
 */
export function settleCommand(current: OpenRound): Extract<RoundCommand, { kind: 'settle' }> {
  const { round, outcome, drawn, prepared, rosterDigest } = current;
  const medianNorm = current.roster?.medianNorm ?? null;
  const base = { kind: 'settle' as const, round, drawn, medianNorm, rosterDigest };
  if (outcome?.kind === 'unknown') return { ...base, outcome: 'unknown', resultId: null };
  if (outcome?.kind !== 'committed') return { ...base, outcome: 'void', resultId: null };
  if (prepared?.resultId === outcome.id) return { ...base, outcome: 'committed', resultId: outcome.id };
  return { ...base, outcome: drawn ? 'unknown' : 'void', resultId: null };
}

/**
 * All results in hand, each matching its signed root, and yet another digest was committed. It is told, and the
 * committed state is loaded: fetching the committed list and preparing again from it comes with results lists.
 */
export function evidenceIn({ outcome, prepared, report }: OpenRound): boolean {
  if (outcome?.kind !== 'committed' || !prepared || !report) return false;
  return report.chunksWithResult === report.chunks && prepared.resultId !== outcome.id;
}

/** Whether enough came of the all-reduce for a new base to be prepared; below it no digest is signed. */
export const prepares = ({ consensus }: MachineSetup, { report, rosterDigest, drawn }: OpenRound): boolean =>
  report !== null && rosterDigest !== null && drawn && report.elementsShare >= consensus.reduce.commitShare;

/** What a failed command leaves behind: it is asked again at the next block, or the round goes on without it. */
export function afterFailure(
  state: MachineState,
  command: RoundCommand['kind'],
  code: ErrorCode,
): MachineState {
  const { current } = state;
  switch (command) {
    case 'readFacts':
      return { ...state, asking: null };
    case 'loadState':
      return { ...state, loading: null, loadFault: code };
    case 'writeRecord':
      // What contradicts an earlier word will do so at every block.
      if (code === 'COMMITMENT_CONTRADICTS' || !state.outgoing) return { ...state, outgoing: null };
      return { ...state, outgoing: { ...state.outgoing, isOnItsWay: false } };
    case 'openRound':
      return reopened(state);
    case 'persist':
      return heldBack(state, code);
    case 'readOutcome':
    case 'judge':
    case 'settle':
      if (!current || !['reading-outcome', 'judging', 'settling'].includes(current.step)) return state;
      return { ...state, current: { ...current, step: current.prepared ? 'prepared' : 'spectating' } };
    case 'contribute':
    case 'announceReady':
    case 'reduce':
    case 'prepare':
      if (!current || !['contributing', 'ready', 'reducing', 'preparing'].includes(current.step))
        return state;
      return { ...state, current: { ...current, step: 'spectating', missed: ownFault(code) } };
    // A failed proposal may have been signed and heard by some: another one would be a second roster of the round.
    default:
      return state;
  }
}

const ownFault = (code: ErrorCode): RoundReason => ({ code: 'own-fault', params: { error: code } });

/** Nothing has begun yet, so the same round may be opened at the next block. */
function reopened(state: MachineState): MachineState {
  const { current } = state;
  return current?.step === 'opening' ? { ...state, current: null, passed: current.round - 1 } : state;
}

/**
 * The journal could not be written, and no command behind it was begun. What was to be asked or loaded is asked again
 * at the next block. A round whose Ready or roster was not kept goes on without us; it still counts us as drawn, for of two
 * writes it may have been the other one that failed.
 */
function heldBack(state: MachineState, code: ErrorCode): MachineState {
  const { current, ...again } = reopened({ ...state, asking: null, loading: null });
  if (current?.step !== 'reducing' && current?.step !== 'ready') return { ...again, current };
  return { ...again, current: { ...current, step: 'spectating', missed: ownFault(code) } };
}
