import type { RoundReason } from '../../src-shared/contract/page/runs.ts';
import type { MachineState, OpenRound } from './round-state.ts';

/** The newest round in which training had to rest; a round that is under way counts from either side of a pause. */
export const restedIn = (
  { isActive, restedIn: last, current, passed }: MachineState,
  next: boolean,
): number | null => (isActive && next ? last : (current?.round ?? passed + 1));

/** There was nothing to contribute: for our own pause, or because we came too late to train. */
export const idleReason = (
  { isActive, restedIn: last }: MachineState,
  { round }: OpenRound,
): RoundReason => ({
  code: !isActive || last === round ? 'paused' : 'nothing-contributed',
  params: {},
});

/** A newer start of the hotkey takes part in it elsewhere. */
export const blockedReason: RoundReason = { code: 'elsewhere', params: {} };
