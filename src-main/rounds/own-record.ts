import { firstBlockOf, outcomeBlockOf } from '../../src-shared/rounds/clock.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { REWRITE_WITHIN_BLOCKS } from './limits.ts';
import type { MachineSetup, MachineState, OpeningFacts, OwnRecord, RoundInput, Step } from './round-state.ts';
import { still } from './round-state.ts';

/**
 * Sends a record, and the same one again at every block until it is final or its last block has come. A vote is in the
 * journal before; whatever it says there is what goes out.
 */
export function sendRecord(state: MachineState, record: OwnRecord): Step {
  return {
    state: { ...state, outgoing: { record, isOnItsWay: true } },
    commands: [{ kind: 'writeRecord', record }],
  };
}

/** One try a block: a chain that refuses now may take it in the next one. */
export function sendAgain(state: MachineState): Step {
  const { outgoing, finalized } = state;
  if (!outgoing || outgoing.isOnItsWay || finalized === null) return still(state);
  if (finalized >= outgoing.record.lastBlock) return still({ ...state, outgoing: null });
  if (state.isBlocked) return still(state);
  return sendRecord(state, outgoing.record);
}

export function onRecordSent(
  state: MachineState,
  { record, isDone }: Extract<RoundInput, { kind: 'recordSent' }>,
): MachineState {
  const { outgoing } = state;
  // A vote may have taken the place of the record whose fate this is.
  if (outgoing?.record.round !== record.round || outgoing.record.resultId !== record.resultId) return state;
  return { ...state, outgoing: isDone ? null : { ...outgoing, isOnItsWay: false } };
}

/**
 * Within 128 blocks of an outcome every live witness has written a newer record: its next vote, or this one, which
 * names the base as parent and no result. It is written before anybody is ready in the round, and only by who knows
 * the base. Where witnesses are those with most stake, a validator's first one shows that it would be one.
 */
export function rewriteRecord(
  setup: MachineSetup,
  state: MachineState,
  round: number,
  { witnesses, ownRecord }: Pick<OpeningFacts, 'witnesses' | 'ownRecord'>,
): OwnRecord | null {
  const { consensus, hotkey } = setup;
  const { clock } = consensus;
  const { start, finalized, standing, outgoing } = state;
  if (start === null || finalized === null || outgoing || state.isBlocked) return null;
  if (!mayWrite(setup, witnesses, hotkey)) return null;
  const lastBlock = firstBlockOf(clock, start, round) + clock.ready - 1;
  if (finalized >= lastBlock || (ownRecord && ownRecord.round >= round)) return null;
  const isFirst = ownRecord === null && consensus.witnesses.kind === 'by-stake';
  const oldest = outcomeBlockOf(clock, start, ownRecord?.round ?? -1);
  const nextChanceEnds = lastBlock + clock.blocksPerRound;
  if (!isFirst && nextChanceEnds <= oldest + REWRITE_WITHIN_BLOCKS) return null;
  return { round, parentId: standing.id, resultId: null, lastBlock };
}

const mayWrite = ({ consensus, role }: MachineSetup, witnesses: readonly Ss58[], hotkey: Ss58): boolean =>
  role === 'validator' && (consensus.witnesses.kind === 'by-stake' || witnesses.includes(hotkey));
