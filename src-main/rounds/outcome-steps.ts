import type { RoundReason } from '../../src-shared/contract/page/runs.ts';
import type { ErrorCode } from '../../src-shared/errors/catalogue.ts';
import type { MachineState, OpenRound, RoundCommand } from './round-state.ts';

/**
 * What `train` is told once the outcome is known, unless the round has to be followed first. A peer that holds the prepared
 * commit takes it. Where no node has the outcome any more, a contribution that went out counts as taken whole.
 */
export function settleCommand(current: OpenRound): Extract<RoundCommand, { kind: 'settle' }> {
  const { round, outcome, drawn, rosterDigest } = current;
  const medianNorm = current.roster?.medianNorm ?? null;
  const { resultsDigest } = current;
  const base = { kind: 'settle' as const, round, drawn, medianNorm, rosterDigest, resultsDigest };
  if (outcome?.kind === 'committed') return { ...base, outcome: 'committed', resultId: outcome.id };
  return { ...base, outcome: outcome?.kind === 'unknown' ? 'unknown' : 'void', resultId: null };
}

/** Another base was committed than the one that lies ready here, or none does: not drawn, or in want of the right list. */
export const isBehind = ({ outcome, prepared }: OpenRound): boolean =>
  outcome?.kind === 'committed' && prepared?.resultId !== outcome.id;

/**
 * Computed from a list that the witnesses signed, every result of it in hand, and yet another id was committed. It is
 * told, and the committed state is loaded.
 */
export const evidenceIn = (current: OpenRound): boolean => current.prepared !== null && isBehind(current);

/** Whether the average of the round's results list lies here: a new base is prepared from nothing else. */
export const prepares = ({ rosterDigest, drawn, isTaken }: OpenRound): boolean =>
  rosterDigest !== null && drawn && isTaken;

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
    case 'composeResults':
      return current ? { ...state, current: { ...current, isComposing: false } } : state;
    // Somebody may give later what nobody gave now: it is asked again at the next block.
    case 'takeResults':
      return current?.step === 'taking' ? { ...state, current: { ...current, step: 'listing' } } : state;
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
  if (current?.step === 'taking') return { ...again, current: { ...current, step: 'listing' } };
  if (current?.step !== 'reducing' && current?.step !== 'ready') return { ...again, current };
  return { ...again, current: { ...current, step: 'spectating', missed: ownFault(code) } };
}
