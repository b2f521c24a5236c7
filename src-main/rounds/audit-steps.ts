import type { Ss58 } from '../../src-shared/units.ts';
import { type MachineState, type OpenRound, type RoundInput, type Step, withCurrent } from './round-state.ts';

/**
 * A witness looks at random chunks of the round before it votes (ROUNDS section 6). Where time is short, or what went
 * in cannot be had, it votes without: a slow donor must not be able to take a vote. One wrong result, and it does not.
 */
export function beginAudit(state: MachineState, current: OpenRound): Step {
  const { audit, round, rosterDigest, outcomeBlock } = current;
  if (audit !== 'not-begun' || rosterDigest === null) return { state, commands: [] };
  return {
    state: withCurrent(state, { ...current, audit: 'asked' }),
    commands: [{ kind: 'audit', round, rosterDigest, outcomeBlock }],
  };
}

/** What came of it. Later: no block has come yet by which chunks could be drawn; it is asked again at the next one. */
export function afterAudit(
  state: MachineState,
  current: OpenRound,
  { round, verdict, withheld, seen = null }: Extract<RoundInput, { kind: 'audited' }>,
): MachineState {
  if (current.audit !== 'asked') return state;
  if (verdict === 'later') return withCurrent(state, { ...current, audit: 'not-begun' });
  const looked = { ...state, withheld: { round, hotkeys: new Set(withheld) } };
  return withCurrent(looked, { ...current, audit: verdict, auditSeen: seen });
}

/** Its signer is out of all rosters; a witness that has not voted on that very round yet does not, whoever found it. */
export function onFraud(
  state: MachineState,
  { hotkey, round }: Extract<RoundInput, { kind: 'fraud' }>,
): MachineState {
  const { current } = state;
  const known = { ...state, frauds: new Set([...state.frauds, hotkey]) };
  return current?.round === round ? withCurrent(known, { ...current, audit: 'failed' }) : known;
}

/**
 * Who has no weight in a roster for what audits showed: who was proven to have lied, for ever; and for one round who
 * had signed a result and kept back its own part of it, for that is how a lie goes without proof.
 */
export function outByAudits({ frauds, withheld }: MachineState, round: number): readonly Ss58[] {
  return [...frauds, ...(withheld?.round === round - 1 ? withheld.hotkeys : [])];
}
