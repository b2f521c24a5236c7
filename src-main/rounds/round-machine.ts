import type { Standing } from '../../src-shared/contract/train.ts';
import { canonicalJson } from '../../src-shared/profile/profile.ts';
import { readClock } from '../../src-shared/rounds/clock.ts';
import type { Ready } from '../../src-shared/rounds/messages.ts';
import { afterAudit, onFraud } from './audit-steps.ts';
import { heardReceipts, heardSilence, nextTier } from './group-memory.ts';
import { FINALITY_LAG_ALLOWED_BLOCKS, FINALITY_SILENT_MS } from './limits.ts';
import { inListing, onComposed, onListProposal, onReduced, onResultsList, onTaken } from './listing.ts';
import { askFacts, load, onFacts, withoutOlder } from './opening.ts';
import { afterFailure, evidenceIn, isBehind, settleCommand } from './outcome-steps.ts';
import { onRecordSent, sendAgain } from './own-record.ts';
import { onProposal, tooLateForRoster, tryPropose } from './proposing.ts';
import { blockedReason, idleReason, restedIn } from './rest.ts';
import type { MachineSetup, MachineState, OpenRound, RoundInput, Step } from './round-state.ts';
import { judgedRound, pendingOf, readiesOf, still, withCurrent } from './round-state.ts';
import { announceOwn, takeRoster, tryRecord } from './round-steps.ts';
import { onSwarmRestarted, onTrainRestarted, takeUp } from './take-up.ts';

/**
 * The rules of ROUNDS.md as one function of what happened: no clock, no chain, no process in it, so that every fault
 * can be played. Inputs may come late, twice or out of order; what does not fit the state is passed over.
 */
export function step(setup: MachineSetup, state: MachineState, input: RoundInput): Step {
  switch (input.kind) {
    case 'finalized':
      return onFinalized(setup, state, input.block, input.atMs);
    case 'tick':
      return onTick(setup, state, input);
    case 'start':
      return goOn(setup, { ...state, start: input.block });
    case 'peer':
      return still({ ...state, peers: withPeer(state.peers, input) });
    case 'active':
      return still({ ...state, isActive: input.isActive, restedIn: restedIn(state, input.isActive) });
    case 'blocked':
      return still({ ...state, isBlocked: input.isBlocked });
    case 'checked':
      return still({ ...state, failedChecks: withCheck(state.failedChecks, input) });
    case 'harmful':
      return still({ ...state, harmful: input.hotkeys });
    case 'fraud':
      return still(onFraud(state, input));
    case 'facts':
      return onFacts(setup, state, input.round, input.facts);
    case 'ready':
      return onReady(setup, state, input.ready);
    case 'roster':
      return takeRoster(setup, state, input.roster, input.rosterDigest);
    case 'proposal':
      return onProposal(setup, state, input.roster);
    case 'resultsProposal':
      return onListProposal(setup, state, input.vote);
    case 'resultsList':
      return onResultsList(setup, state, input.name);
    case 'receipts':
      return still(heardReceipts(state, input));
    case 'adopted':
      return goOn(setup, { ...state, standing: input.standing, loading: null, loadFault: null });
    case 'trainRestarted':
      return onTrainRestarted(state, input.standing);
    case 'swarmRestarted':
      return onSwarmRestarted(setup, state);
    case 'failed':
      return still(afterFailure(state, input.command, input.code));
    case 'recordSent':
      return still(onRecordSent(state, input));
    default:
      return onProgress(setup, state, input);
  }
}

function onFinalized(setup: MachineSetup, before: MachineState, block: number, atMs: number): Step {
  if (before.finalized !== null && block <= before.finalized) return still(before);
  const state = { ...before, finalized: block, finalizedAtMs: atMs, stalledForMs: null };
  const resend = sendAgain(state);
  const next = advance(setup, resend.state, block);
  return { state: next.state, commands: [...resend.commands, ...next.commands] };
}

function advance(setup: MachineSetup, state: MachineState, block: number): Step {
  const { current } = state;
  if (current) {
    if (block >= current.outcomeBlock) return askOutcome(setup, state, current);
    return inRound(setup, state, current, block);
  }
  return askFacts(setup, state, block);
}

/** What kept a round from opening is gone: the newest final block is looked at again, not the next one waited for. */
const goOn = (setup: MachineSetup, state: MachineState): Step =>
  state.finalized === null || state.current ? still(state) : askFacts(setup, state, state.finalized);

function inRound(setup: MachineSetup, state: MachineState, current: OpenRound, block: number): Step {
  const { clock } = setup.consensus;
  if (current.step === 'resuming') return takeUp(setup, state, current);
  if (current.step === 'working' && block >= current.outcomeBlock - clock.outcome + clock.ready)
    return contribute(setup, state, current);
  if (current.step === 'listing') return inListing(setup, state);
  return current.step === 'prepared' ? tryRecord(setup, state) : tryPropose(setup, state);
}

function contribute(setup: MachineSetup, state: MachineState, current: OpenRound): Step {
  if (!current.averages || tooLateForRoster(setup, current, state.finalized ?? 0))
    return still(withCurrent(state, { ...current, step: 'spectating' }));
  if (state.isBlocked)
    return still(withCurrent(state, { ...current, step: 'spectating', missed: blockedReason }));
  // Validators have nothing to add: they take part with weight 0 to receive and to audit.
  if (setup.role === 'validator') return announceOwn(setup, state, current, null);
  const { round, medianNorm } = current;
  const codec = nextTier(setup, state);
  return {
    state: { ...withCurrent(state, { ...current, step: 'contributing' }), tier: codec },
    commands: [{ kind: 'contribute', round, codec, medianNorm }],
  };
}

function askOutcome(setup: MachineSetup, state: MachineState, current: OpenRound): Step {
  if (current.outcome) {
    if (current.step === 'judging' || current.step === 'settling') return still(state);
    return settle(setup, state, current);
  }
  if (current.step === 'reading-outcome') return still(state);
  const { round, outcomeBlock } = current;
  return {
    state: withCurrent(state, { ...current, step: 'reading-outcome' }),
    commands: [{ kind: 'readOutcome', round, outcomeBlock }],
  };
}

/** The judge's checks need the base of the round, which settling leaves. A judge that failed is not asked again. */
function judge(setup: MachineSetup, state: MachineState, current: OpenRound): Step {
  if (!setup.isJudged) return settle(setup, state, current);
  const round = judgedRound(current, readiesOf(state, current.round));
  return {
    state: withCurrent(state, { ...current, step: 'judging' }),
    commands: [{ kind: 'judge', round }],
  };
}

/** Where another base was committed than the one that lies ready, `train` hears of it once the round can be followed. */
function settle(setup: MachineSetup, state: MachineState, current: OpenRound): Step {
  if (isBehind(current)) return onSettled(setup, state, current, state.standing);
  return {
    state: withCurrent(state, { ...current, step: 'settling' }),
    commands: [settleCommand(current)],
  };
}

/**
 * Of each signer the newest round is kept, whoever passes an older word on; rounds beyond the next are refused, or one
 * claim about the far future would hold the place for ever.
 */
function onReady(setup: MachineSetup, state: MachineState, ready: Ready): Step {
  const held = state.readies.get(ready.hotkey);
  if (held && held.round > ready.round) return still(state);
  const { start, finalized } = state;
  if (start !== null && finalized !== null) {
    const { round } = readClock(setup.consensus.clock, start, finalized);
    if (ready.round > round + 1) return still(state);
  }
  return tryPropose(setup, withReady(state, ready));
}

/** Who says different things of one round is listed with any of them: they are kept, as far as `swarm` takes them. */
function withReady(state: MachineState, ready: Ready): MachineState {
  const held = state.readies.get(ready.hotkey);
  const isChange = held?.round === ready.round && canonicalJson(held) !== canonicalJson(ready);
  return {
    ...state,
    readies: new Map(state.readies).set(ready.hotkey, ready),
    alsoSaid: isChange ? [...state.alsoSaid, held] : state.alsoSaid,
  };
}

/** Answers to commands of the current round; those of any other round are history. */
function onProgress(
  setup: MachineSetup,
  state: MachineState,
  input: Extract<
    RoundInput,
    {
      kind:
        | 'opened'
        | 'contributed'
        | 'reduced'
        | 'resultsComposed'
        | 'resultsTaken'
        | 'prepared'
        | 'audited'
        | 'result'
        | 'outcome'
        | 'judged'
        | 'settled';
    }
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
        return still(
          withCurrent(state, { ...current, step: 'spectating', missed: idleReason(state, current) }),
        );
      return announceOwn(setup, state, current, input.contribution);
    case 'reduced':
      return onReduced(setup, state, current, input.report);
    case 'resultsComposed':
      return onComposed(setup, state, current, input.resultsDigest);
    case 'resultsTaken':
      return onTaken(state, current, input.report);
    case 'prepared': {
      if (current.step !== 'preparing') return still(state);
      // Computed from anything but the list it would be nobody's base.
      if (input.prepared.resultsDigest !== current.resultsDigest)
        return still(afterFailure(state, 'prepare', 'SPOOL_MALFORMED'));
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
    case 'audited':
      return input.verdict === 'later'
        ? still(afterAudit(state, current, input))
        : tryRecord(setup, afterAudit(state, current, input));
    case 'outcome': {
      if (current.step !== 'reading-outcome') return still(state);
      const { outcome } = input;
      const missed = differs(current, outcome)
        ? ({ code: 'differing', params: {} } as const)
        : current.missed;
      const known: OpenRound = { ...current, outcome, missed };
      const differing = evidenceIn(known) ? { round: current.round } : state.differing;
      return judge(setup, { ...state, differing }, known);
    }
    case 'judged':
      return current.step === 'judging' ? settle(setup, state, current) : still(state);
    case 'settled':
      return onSettled(setup, state, current, input.standing);
  }
}

function onSettled(setup: MachineSetup, state: MachineState, current: OpenRound, standing: Standing): Step {
  const { outcome } = current;
  const missed = outcome?.kind === 'committed' && outcome.id !== standing.id ? outcome.id : null;
  const readies = readiesOf(state, current.round);
  const settled: MachineState = {
    ...withoutOlder(heardSilence(setup, state, current), current.round + 1),
    standing,
    current: null,
    loading: missed,
    differing: isSame(outcome, standing) ? null : state.differing,
    medianNorm: current.roster?.medianNorm ?? state.medianNorm,
    lastSkipped: current.averages && current.rosterDigest === null && outcome?.kind === 'void',
  };
  const next =
    missed || state.finalized === null ? still(settled) : askFacts(setup, settled, state.finalized);
  return {
    state: next.state,
    commands: [
      { kind: 'persist', pending: null },
      { kind: 'conclude', round: current, readies },
      ...(current.roster ? [{ kind: 'readReceipts' as const, round: current.round }] : []),
      ...(missed ? [load(settled, missed)] : []),
      ...next.commands,
    ],
  };
}

const differs = ({ prepared }: OpenRound, outcome: OpenRound['outcome']): boolean =>
  outcome?.kind === 'committed' && prepared !== null && prepared.resultId !== outcome.id;

/** Our own recomputation and the chain agree again. */
const isSame = (outcome: OpenRound['outcome'], { id }: Standing): boolean =>
  outcome?.kind === 'committed' && outcome.id === id;

/** Most ticks change nothing, and then nothing is told. */
function onTick(
  setup: MachineSetup,
  state: MachineState,
  tick: { readonly nowMs: number; readonly headBlock: number | null },
): Step {
  const stalledForMs = stall(setup, state, tick);
  return still(stalledForMs === state.stalledForMs ? state : { ...state, stalledForMs });
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
