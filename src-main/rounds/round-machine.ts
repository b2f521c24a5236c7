import type { Standing } from '../../src-shared/contract/train.ts';
import { outcomeBlockOf, readClock, startBlock } from '../../src-shared/rounds/clock.ts';
import type { Hex } from '../../src-shared/units.ts';
import { FINALITY_LAG_ALLOWED_BLOCKS, FINALITY_SILENT_MS } from './limits.ts';
import { afterFailure, evidenceIn, settleCommand } from './outcome-steps.ts';
import type {
  JournaledRecord,
  MachineSetup,
  MachineState,
  OpeningFacts,
  OpenRound,
  PendingRound,
  RoundCommand,
  RoundInput,
  Step,
} from './round-state.ts';
import { judgedRound, pendingOf, readiesOf, still, withCurrent } from './round-state.ts';
import { announceOwn, takeRoster, tryPropose, tryRecord } from './round-steps.ts';

/**
 * The rules of ROUNDS.md as one function of what happened: no clock, no chain, no process in it, so that every fault
 * can be played. Inputs may come late, twice or out of order; what does not fit the state is passed over.
 */
export function step(setup: MachineSetup, state: MachineState, input: RoundInput): Step {
  if (state.evidence) return still(state);
  switch (input.kind) {
    case 'finalized':
      return onFinalized(setup, state, input.block, input.atMs);
    case 'tick':
      return still({ ...state, stalledForMs: stall(setup, state, input) });
    case 'start':
      return still({ ...state, start: input.block });
    case 'peer':
      return still({ ...state, peers: withPeer(state.peers, input) });
    case 'checked':
      return still({ ...state, failedChecks: withCheck(state.failedChecks, input) });
    case 'facts':
      return onFacts(setup, state, input.round, input.facts);
    case 'ready':
      return tryPropose(setup, {
        ...state,
        readies: new Map(state.readies).set(input.ready.hotkey, input.ready),
      });
    case 'roster':
      return takeRoster(setup, state, input.roster, input.rosterDigest);
    case 'adopted':
      return still({ ...state, standing: input.standing, loading: null, donorless: false });
    case 'trainRestarted':
      return onTrainRestarted(state, input.standing);
    case 'swarmRestarted':
      return onSwarmRestarted(setup, { ...state, peers: new Set() });
    case 'failed':
      return still(afterFailure(state, input.command));
    default:
      return onProgress(setup, state, input);
  }
}

/** Where a machine begins: what `train` stands on, and what the journal says of a round in progress. */
export function beginning(
  setup: MachineSetup,
  at: {
    readonly standing: Standing;
    readonly pending: PendingRound | null;
    readonly record: JournaledRecord | null;
  },
): MachineState {
  const { standing, pending, record } = at;
  return {
    standing,
    start: startBlock(setup.consensus.clock, null),
    finalized: null,
    finalizedAtMs: null,
    stalledForMs: null,
    peers: new Set(),
    readies: new Map(),
    current: pending && resumed(pending, record),
    asking: null,
    passed: pending ? pending.round : -1,
    loading: null,
    donorless: false,
    medianNorm: null,
    failedChecks: new Set(),
    unsent: record,
    lastSkipped: false,
    evidence: null,
  };
}

/** A round from the journal: whatever it was doing, all that is left is its outcome. */
function resumed(pending: PendingRound, record: JournaledRecord | null): OpenRound {
  return {
    ...pending,
    coldkeys: new Map(),
    averages: true,
    step: pending.prepared ? 'prepared' : 'spectating',
    contribution: null,
    roster: null,
    report: null,
    results: new Map(),
    recorded: record?.round === pending.round ? record.resultId : null,
    outcome: null,
  };
}

function onFinalized(setup: MachineSetup, before: MachineState, block: number, atMs: number): Step {
  if (before.finalized !== null && block <= before.finalized) return still(before);
  const state = { ...before, finalized: block, finalizedAtMs: atMs, stalledForMs: null };
  const resend = resendRecord(state);
  const next = advance(setup, resend.state, block);
  return { state: next.state, commands: [...resend.commands, ...next.commands] };
}

/** After a crash a witness sends what its file says, or nothing. */
function resendRecord(state: MachineState): Step {
  const record = state.unsent;
  if (!record) return still(state);
  const fresh = state.finalized !== null && state.finalized < record.outcomeBlock;
  return { state: { ...state, unsent: null }, commands: fresh ? [{ kind: 'writeRecord', record }] : [] };
}

function advance(setup: MachineSetup, state: MachineState, block: number): Step {
  const { current } = state;
  if (current) {
    if (block >= current.outcomeBlock) return askOutcome(state, current);
    return inRound(setup, state, current, block);
  }
  return askFacts(setup, state, block);
}

function inRound(setup: MachineSetup, state: MachineState, current: OpenRound, block: number): Step {
  const { clock } = setup.consensus;
  if (current.step === 'working' && block >= current.outcomeBlock - clock.outcome + clock.ready)
    return contribute(setup, state, current);
  return tryPropose(setup, state);
}

function contribute(setup: MachineSetup, state: MachineState, current: OpenRound): Step {
  if (!current.averages) return still(withCurrent(state, { ...current, step: 'spectating' }));
  // Validators have nothing to add: they take part with weight 0 to receive and to audit.
  if (setup.role === 'validator') return announceOwn(setup, state, current);
  return {
    state: withCurrent(state, { ...current, step: 'contributing' }),
    commands: [{ kind: 'contribute', round: current.round, medianNorm: state.medianNorm }],
  };
}

function askOutcome(state: MachineState, current: OpenRound): Step {
  if (current.outcome) {
    if (current.step === 'judging' || current.step === 'settling') return still(state);
    return settle(state, current);
  }
  if (current.step === 'reading-outcome') return still(state);
  const { round, outcomeBlock, witnesses } = current;
  return {
    state: withCurrent(state, { ...current, step: 'reading-outcome' }),
    commands: [{ kind: 'readOutcome', round, outcomeBlock, witnesses }],
  };
}

/** The judge's checks need the base of the round, which settling leaves. A judge that failed is not asked again. */
function judge(setup: MachineSetup, state: MachineState, current: OpenRound): Step {
  if (!setup.isJudged) return settle(state, current);
  const round = judgedRound(current, readiesOf(state, current.round));
  return {
    state: withCurrent(state, { ...current, step: 'judging' }),
    commands: [{ kind: 'judge', round }],
  };
}

function settle(state: MachineState, current: OpenRound): Step {
  return {
    state: withCurrent(state, { ...current, step: 'settling' }),
    commands: [settleCommand(current)],
  };
}

function askFacts(setup: MachineSetup, state: MachineState, block: number): Step {
  if (state.start === null || state.asking !== null || state.loading !== null) return still(state);
  const { round } = readClock(setup.consensus.clock, state.start, block);
  if (round < 0 || round <= state.passed || state.stalledForMs !== null) return still(state);
  return { state: { ...state, asking: round }, commands: [{ kind: 'readFacts', round, start: state.start }] };
}

function onFacts(setup: MachineSetup, before: MachineState, round: number, facts: OpeningFacts): Step {
  if (before.asking !== round || before.start === null || before.finalized === null) return still(before);
  const state = { ...before, asking: null };
  const { clock } = setup.consensus;
  const now = readClock(clock, before.start, before.finalized);
  // A gap in the chain's news: the round is over, and none is replayed.
  if (now.round !== round) return askFacts(setup, state, before.finalized);
  if (facts.base !== null && facts.base !== state.standing.id)
    return {
      state: { ...state, loading: facts.base },
      commands: [load(state, facts.base)],
    };
  if (now.phase === 'after-outcome') return still({ ...state, passed: round });
  const current: OpenRound = {
    round,
    outcomeBlock: outcomeBlockOf(clock, before.start, round),
    blockHash: facts.blockHash,
    witnesses: facts.witnesses,
    coldkeys: facts.coldkeys,
    averages: facts.averages && now.phase !== 'reduce',
    step: 'opening',
    contribution: null,
    proposed: false,
    roster: null,
    rosterDigest: null,
    drawn: false,
    report: null,
    prepared: null,
    results: new Map(),
    recorded: null,
    outcome: null,
  };
  return {
    state: { ...state, current, passed: round, readies: fromRound(state.readies, round) },
    commands: [
      { kind: 'persist', pending: pendingOf(current) },
      { kind: 'openRound', round, blockHash: facts.blockHash },
    ],
  };
}

/** Answers to commands of the current round; those of any other round are history. */
function onProgress(
  setup: MachineSetup,
  state: MachineState,
  input: Extract<
    RoundInput,
    { kind: 'opened' | 'contributed' | 'reduced' | 'prepared' | 'result' | 'outcome' | 'judged' | 'settled' }
  >,
): Step {
  const { current } = state;
  if (!current || current.round !== input.round) return still(state);
  switch (input.kind) {
    case 'opened':
      if (current.step !== 'opening') return still(state);
      return advance(setup, withCurrent(state, { ...current, step: 'working' }), state.finalized ?? -1);
    case 'contributed':
      if (current.step !== 'contributing') return still(state);
      // Paused or too late to have trained: there is nothing to average, and weight 1 would be a lie.
      if (input.contribution.sequences === 0)
        return still(withCurrent(state, { ...current, step: 'spectating' }));
      return announceOwn(setup, state, { ...current, contribution: input.contribution });
    case 'reduced':
      return onReduced(setup, state, { ...current, report: input.report });
    case 'prepared': {
      if (current.step !== 'preparing') return still(state);
      const { resultId, baseDigest } = input.prepared;
      const prepared: OpenRound = {
        ...current,
        step: 'prepared',
        prepared: input.prepared,
        results: new Map(current.results).set(setup.hotkey, resultId),
      };
      const recorded = tryRecord(setup, withCurrent(state, prepared));
      return {
        state: recorded.state,
        commands: [
          { kind: 'persist', pending: pendingOf(prepared) },
          { kind: 'announceResult', round: current.round, resultId, baseDigest },
          ...recorded.commands,
        ],
      };
    }
    case 'result': {
      const results = new Map(current.results).set(input.hotkey, input.resultId);
      return tryRecord(setup, withCurrent(state, { ...current, results }));
    }
    case 'outcome': {
      if (current.step !== 'reading-outcome') return still(state);
      const known = { ...current, outcome: input.outcome };
      if (evidenceIn(known)) return still({ ...state, evidence: { round: current.round } });
      return judge(setup, state, known);
    }
    case 'judged':
      return current.step === 'judging' ? settle(state, current) : still(state);
    case 'settled':
      return onSettled(setup, state, current, input.standing);
  }
}

/** Below the share with quorum nothing is prepared, so no digest is signed. */
function onReduced(setup: MachineSetup, state: MachineState, current: OpenRound): Step {
  if (current.step !== 'reducing' || !current.report || !current.rosterDigest) return still(state);
  if (current.report.elementsShare < setup.consensus.reduce.commitShare)
    return still(withCurrent(state, { ...current, step: 'spectating' }));
  return {
    state: withCurrent(state, { ...current, step: 'preparing' }),
    commands: [{ kind: 'prepare', round: current.round, rosterDigest: current.rosterDigest }],
  };
}

function onSettled(setup: MachineSetup, state: MachineState, current: OpenRound, standing: Standing): Step {
  const { outcome } = current;
  const missed = outcome?.kind === 'committed' && outcome.id !== standing.id ? outcome.id : null;
  const readies = readiesOf(state, current.round);
  const settled: MachineState = {
    ...state,
    standing,
    current: null,
    loading: missed,
    medianNorm: current.roster?.medianNorm ?? state.medianNorm,
    lastSkipped: current.averages && current.rosterDigest === null && outcome?.kind === 'void',
    readies: fromRound(state.readies, current.round + 1),
  };
  const next =
    missed || state.finalized === null ? still(settled) : askFacts(setup, settled, state.finalized);
  return {
    state: next.state,
    commands: [
      { kind: 'persist', pending: null },
      { kind: 'conclude', round: current, readies },
      ...(missed ? [load(settled, missed)] : []),
      ...next.commands,
    ],
  };
}

function load({ peers, standing }: MachineState, id: Hex): Extract<RoundCommand, { kind: 'loadState' }> {
  return { kind: 'loadState', id, donors: [...peers], standing };
}

/** A round that was still being worked on is opened again; later ones find their files in the spool. */
function onTrainRestarted(state: MachineState, standing: Standing): Step {
  const { current } = state;
  if (!current || !['opening', 'working', 'contributing'].includes(current.step))
    return still({ ...state, standing });
  return {
    state: { ...withCurrent(state, { ...current, step: 'opening' }), standing },
    commands: [{ kind: 'openRound', round: current.round, blockHash: current.blockHash }],
  };
}

/** It has forgotten everybody, and what we had said. */
function onSwarmRestarted(setup: MachineSetup, state: MachineState): Step {
  return state.current?.step === 'ready' ? announceOwn(setup, state, state.current) : still(state);
}

function stall(
  setup: MachineSetup,
  state: MachineState,
  { nowMs, headBlock }: { readonly nowMs: number; readonly headBlock: number | null },
): number | null {
  if (state.finalized === null || state.finalizedAtMs === null) return null;
  const silentMs = nowMs - state.finalizedAtMs;
  const behind = headBlock === null ? 0 : headBlock - state.finalized - setup.consensus.clock.finalityLag;
  return silentMs > FINALITY_SILENT_MS || behind > FINALITY_LAG_ALLOWED_BLOCKS ? silentMs : null;
}

const fromRound = (readies: MachineState['readies'], round: number): MachineState['readies'] =>
  new Map([...readies].filter(([, ready]) => ready.round >= round));

function withPeer(
  peers: ReadonlySet<MachineSetup['hotkey']>,
  { hotkey, connected }: { readonly hotkey: MachineSetup['hotkey']; readonly connected: boolean },
): MachineState['peers'] {
  const next = new Set(peers);
  if (connected) next.add(hotkey);
  else next.delete(hotkey);
  return next;
}

function withCheck(
  failed: MachineState['failedChecks'],
  { hotkey, passed }: { readonly hotkey: MachineSetup['hotkey']; readonly passed: boolean },
): MachineState['failedChecks'] {
  const next = new Set(failed);
  if (passed) next.delete(hotkey);
  else next.add(hotkey);
  return next;
}
