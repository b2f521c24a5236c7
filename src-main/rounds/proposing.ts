import type { Roster } from '../../src-shared/rounds/messages.ts';
import { rosterIsTooLate, seededOrder, turnsCome } from '../../src-shared/rounds/proposer.ts';
import { composeRoster, type RosterRequest } from '../../src-shared/rounds/roster.ts';
import { cosignFault } from '../../src-shared/rounds/roster-rules.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { outByAudits } from './audit-steps.ts';
import { HARM_SHARE } from './limits.ts';
import type { MachineSetup, MachineState, OpenRound, Step } from './round-state.ts';
import { pendingOf, readiesOf, still, withCurrent } from './round-state.ts';

/** Another witness proposes: what it says first stands, and is signed when its turn has come and it keeps the rules. */
export function onProposal(setup: MachineSetup, state: MachineState, roster: Roster): Step {
  const { current } = state;
  if (!current || current.round !== roster.round || current.proposed) return still(state);
  if (roster.proposer === setup.hotkey || !current.witnesses.includes(roster.proposer)) return still(state);
  if (current.proposals.some(({ proposer }) => proposer === roster.proposer)) return still(state);
  const proposals = [...current.proposals, roster];
  return tryPropose(setup, withCurrent(state, { ...current, proposals }));
}

/**
 * What a witness does for the roster. In the seeded order of those whose turn has come it signs the first proposal that
 * keeps the rules; where there is none and its own turn has come, it proposes itself. The first in the order may do so
 * early, when all who are registered are ready. Too few ready: it looks again whenever something changes. It signs one
 * roster a round, whatever becomes of it: that it did stands in the journal first.
 */
export function tryPropose(setup: MachineSetup, state: MachineState): Step {
  const { current, finalized } = state;
  if (current?.step !== 'ready' || current.proposed || current.roster) return still(state);
  if (finalized === null || state.isBlocked || !current.witnesses.includes(setup.hotkey)) return still(state);
  if (tooLateForRoster(setup, current, finalized)) return still(state);
  const turns = turnsOf(setup, state, current, finalized);
  const known = rosterRequest(setup, state, current);
  for (const proposer of seededOrder(current.witnesses, current.blockHash, 'propose').slice(0, turns)) {
    const heard = current.proposals.find((roster) => roster.proposer === proposer);
    const isGood = heard && cosignFault(setup.consensus, heard, known) === null;
    const roster = proposer === setup.hotkey ? compose(setup, state, current) : isGood ? heard : null;
    if (roster) return sign(state, current, roster);
  }
  return still(state);
}

/** Where too few would be left without those that do harm, they are in it: nobody is looked at where nothing is averaged. */
const compose = (setup: MachineSetup, state: MachineState, current: OpenRound): Roster | null =>
  composeRoster(setup.consensus, rosterRequest(setup, state, current)) ??
  composeRoster(setup.consensus, rosterRequest(setup, { ...state, harmful: new Set() }, current));

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

function sign(state: MachineState, current: OpenRound, roster: Roster): Step {
  const signing: OpenRound = { ...current, proposed: true, proposal: roster };
  return {
    state: withCurrent(state, signing),
    commands: [
      { kind: 'persist', pending: pendingOf(signing) },
      { kind: 'proposeRoster', roster },
    ],
  };
}

/** How many in the order may have their proposals signed by now. */
function turnsOf(
  { consensus }: MachineSetup,
  state: MachineState,
  current: OpenRound,
  finalized: number,
): number {
  const { clock, group } = consensus;
  const offset = finalized - (current.outcomeBlock - clock.outcome);
  const come = turnsCome(clock, group.silentProposerBlocks, offset);
  return Math.max(come, everyoneIsReady(state, current) ? 1 : 0);
}

/** Not only those connected: who sees a part of the group would leave out the others. */
const everyoneIsReady = ({ readies }: MachineState, { round, coldkeys }: OpenRound): boolean =>
  coldkeys.size > 0 && [...coldkeys.keys()].every((hotkey) => readies.get(hotkey)?.round === round);

/** Who has no weight because its contributions do harm, while that is not most of those that work. */
function outByHarm(state: MachineState, round: number): readonly Ss58[] {
  const working = readiesOf(state, round).filter(({ weight }) => weight > 0);
  const out = working.map(({ hotkey }) => hotkey).filter((hotkey) => state.harmful.has(hotkey));
  return out.length > HARM_SHARE * working.length ? [] : out;
}

const rosterRequest = (setup: MachineSetup, state: MachineState, current: OpenRound): RosterRequest => ({
  round: current.round,
  baseId: state.standing.id,
  schemaHash: setup.schemaHash,
  blockHash: current.blockHash,
  proposer: setup.hotkey,
  chunks: setup.chunks,
  readies: [...state.readies.values(), ...state.alsoSaid],
  witnesses: current.witnesses,
  coldkeys: current.coldkeys,
  failedChecks: new Set([
    ...state.failedChecks,
    ...outByHarm(state, current.round),
    ...outByAudits(state, current.round),
  ]),
  silent: state.silent,
  rates: state.rates,
});
