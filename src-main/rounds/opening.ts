import type { RoundReason } from '../../src-shared/contract/page/runs.ts';
import type { Standing } from '../../src-shared/contract/train.ts';
import { type ClockPhase, outcomeBlockOf, readClock } from '../../src-shared/rounds/clock.ts';
import type { NamedBase } from '../../src-shared/rounds/outcome.ts';
import type { Hex } from '../../src-shared/units.ts';
import { rewriteRecord, sendRecord } from './own-record.ts';
import type {
  MachineSetup,
  MachineState,
  OpeningFacts,
  OpenRound,
  RoundCommand,
  Step,
} from './round-state.ts';
import { pendingOf, still } from './round-state.ts';

/** Asks the chain for the facts of the round that has begun, unless it is known or was passed over. */
export function askFacts(setup: MachineSetup, state: MachineState, block: number): Step {
  if (state.start === null || state.asking !== null || state.loading !== null) return still(state);
  const { round } = readClock(setup.consensus.clock, state.start, block);
  if (round < 0 || round <= state.passed || state.stalledForMs !== null) return still(state);
  const { role, hotkey } = setup;
  const writer = role === 'validator' ? hotkey : null;
  const { start } = state;
  return { state: { ...state, asking: round }, commands: [{ kind: 'readFacts', round, start, writer }] };
}

/** The facts are here: the round opens, unless the chain names another base than ours. */
export function onFacts(setup: MachineSetup, before: MachineState, round: number, facts: OpeningFacts): Step {
  if (before.asking !== round || before.start === null || before.finalized === null) return still(before);
  const state = { ...before, asking: null };
  const { clock } = setup.consensus;
  const now = readClock(clock, before.start, before.finalized);
  // A gap in the chain's news: the round is over, and none is replayed.
  if (now.round !== round) return askFacts(setup, state, before.finalized);
  const place = placeOf(state.standing, facts.base);
  if (place === 'elsewhere' && facts.base.kind === 'committed')
    return { state: { ...state, loading: facts.base.id }, commands: [load(state, facts.base.id)] };
  // A newcomer that no one tells the base waits; who runs keeps its own, which the chain named before.
  if (place === 'unknown' && state.standing.round < 0) return still({ ...state, baseUnknown: true });
  const rewrite = place === 'on-base' ? rewriteRecord(setup, state, round, facts) : null;
  const sent = rewrite ? sendRecord(state, rewrite) : still(state);
  const opened = openRound(setup, { ...sent.state, baseUnknown: false }, round, facts);
  return { state: opened.state, commands: [...sent.commands, ...opened.commands] };
}

/** How our own base stands to the one that the chain names. */
function placeOf({ id, round }: Standing, base: NamedBase): 'on-base' | 'elsewhere' | 'unknown' {
  if (base.kind === 'committed') return base.id === id ? 'on-base' : 'elsewhere';
  return base.kind === 'first' && round < 0 ? 'on-base' : 'unknown';
}

function openRound(setup: MachineSetup, state: MachineState, round: number, facts: OpeningFacts): Step {
  const { clock } = setup.consensus;
  if (state.start === null || state.finalized === null) return still(state);
  const now = readClock(clock, state.start, state.finalized);
  if (now.phase === 'after-outcome') return still({ ...state, passed: round });
  const current: OpenRound = {
    round,
    outcomeBlock: outcomeBlockOf(clock, state.start, round),
    blockHash: facts.blockHash,
    witnesses: facts.witnesses,
    coldkeys: facts.coldkeys,
    averages: facts.averages && now.phase !== 'reduce',
    step: 'opening',
    medianNorm: state.medianNorm,
    ready: null,
    proposed: false,
    proposals: [],
    proposal: null,
    roster: null,
    rosterDigest: null,
    drawn: false,
    rosterAtBlock: null,
    report: null,
    listProposals: [],
    isComposing: false,
    signedResults: null,
    resultsDigest: null,
    isTaken: false,
    prepared: null,
    results: new Map(),
    missed: missedAtOpening(facts, now.phase),
    recorded: null,
    audit: 'not-begun',
    auditSeen: null,
    outcome: null,
  };
  return {
    state: { ...withoutOlder(state, round), current, passed: round },
    commands: [
      { kind: 'persist', pending: pendingOf(current) },
      { kind: 'openRound', round, blockHash: facts.blockHash },
      // After a start: peers still have what was signed of the last round.
      ...(state.moved.length === 0 && round > 0 ? [{ kind: 'readReceipts' as const, round: round - 1 }] : []),
    ],
  };
}

function missedAtOpening({ averages }: OpeningFacts, phase: ClockPhase): RoundReason | null {
  if (!averages) return { code: 'not-averaged', params: {} };
  return phase === 'reduce' ? { code: 'nothing-contributed', params: {} } : null;
}

export function load(
  { peers, standing }: MachineState,
  id: Hex,
): Extract<RoundCommand, { kind: 'loadState' }> {
  return { kind: 'loadState', id, donors: [...peers], standing };
}

/** What was said of rounds before is history. */
export const withoutOlder = (state: MachineState, round: number): MachineState => ({
  ...state,
  readies: new Map([...state.readies].filter(([, ready]) => ready.round >= round)),
  alsoSaid: state.alsoSaid.filter((ready) => ready.round >= round),
});
