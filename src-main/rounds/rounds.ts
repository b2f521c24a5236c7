import { join } from 'node:path';
import { type Listeners, listeners } from '../../src-node/listeners.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { RoundSummary, RoundView } from '../../src-shared/contract/page.ts';
import type { Edge, SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { Standing, TrainContract } from '../../src-shared/contract/train.ts';
import { toCodedError } from '../../src-shared/errors/app-error.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import { runTagOf } from '../../src-shared/profile/profile.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { chunkGrid } from '../../src-shared/reduce/chunks.ts';
import { startBlock } from '../../src-shared/rounds/clock.ts';
import type { JudgedRound } from '../../src-shared/rounds/concluded.ts';
import { genesisId } from '../../src-shared/rounds/ids.ts';
import type { CommittedBase } from '../../src-shared/rounds/lineage.ts';
import type { Ready } from '../../src-shared/rounds/messages.ts';
import { schemaHashOf } from '../../src-shared/rounds/roster.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { Chain } from '../network/chain.ts';
import { announceCandidacy } from './candidacy.ts';
import { carryOut, type Parts, type RecordWriter } from './commands.ts';
import { openJournal } from './journal.ts';
import {
  CHAIN_READ_LIMIT_MS,
  HELD_OUT_KEPT,
  HELD_OUT_WINDOWS,
  HISTORY_KEPT,
  SWARM_CALL_LIMIT_MS,
  TICK_EVERY_MS,
  TRAIN_CALL_LIMIT_MS,
} from './limits.ts';
import { membership } from './membership.ts';
import { beginning, step } from './round-machine.ts';
import type { MachineSetup, MachineState, OpenRound, RoundCommand, RoundInput } from './round-state.ts';
import { type RoundsStatus, statusOf, summaryOf, viewOf } from './round-view.ts';

export interface RoundsOptions {
  readonly chain: Chain;
  readonly train: ChildClient<TrainContract>;
  readonly swarm: ChildClient<SwarmContract>;
  readonly consensus: Consensus;
  readonly profileHash: Hex;
  readonly hotkey: Ss58;
  readonly role: 'miner' | 'validator';
  /** null for who never writes records. */
  readonly commitmentWriter: RecordWriter | null;
  /** Holds `rounds/`: the journal and states on their way in. */
  readonly dataDir: string;
  /** Peers that `swarm` was connected to before rounds began. */
  readonly connected?: readonly Ss58[];
  /** Measured rates of this peer; 0 is unknown. */
  rates?(): { readonly upBytesPerS: number; readonly downBytesPerS: number };
  /** Runs before a round is settled, while `train` still stands on the round's base; waited for within a limit. */
  beforeSettle?(round: JudgedRound, signal: AbortSignal): Promise<void>;
  /** Whether to evaluate each new base on held-out text; companions leave that to the user's own host. */
  readonly measuresHeldOut: boolean;
  /** One short line for each step of a round, for the log file. */
  log?(line: string): void;
  readonly signal: AbortSignal;
  /** Wall clock, for tests. */
  nowMs?(): number;
}

export interface ConcludedRound {
  readonly summary: RoundSummary;
  readonly round: JudgedRound;
  /** The id that our own recomputation gave; null without one. */
  readonly preparedId: Hex | null;
  /** Base digest of the committed state, where this peer now stands on it. */
  readonly baseDigest: Hex | null;
}

export interface RoundsEvents {
  view: RoundView | null;
  status: RoundsStatus;
  standing: Standing;
  /** The roster of the round in progress was accepted: who was ready cannot change any more. */
  roster: JudgedRound;
  settled: ConcludedRound;
  heldOut: HeldOutPoint;
}

/** Loss in nats per token on text that nobody trains on, of the base that this round committed (-1: the first one). */
export interface HeldOutPoint {
  readonly round: number;
  readonly loss: number;
  readonly atMs: number;
}

export interface Rounds extends Pick<Listeners<RoundsEvents>, 'on'> {
  readonly view: RoundView | null;
  readonly status: RoundsStatus;
  readonly standing: Standing;
  readonly history: readonly RoundSummary[];
  /** What was measured since the start, oldest first, for who subscribes late. */
  readonly heldOut: readonly HeldOutPoint[];
  /** Witnesses of the round in progress, or of the last one. */
  readonly witnesses: readonly Ss58[];
  setActive(active: boolean): Promise<void>;
  /** A validator's check of a hotkey: a failed one lowers its weight in rosters to 0 until one passes. */
  noteCheck(hotkey: Ss58, passed: boolean): void;
  /** To be called when the supervisor has brought a child back. */
  trainRestarted(standing: Standing): void;
  swarmRestarted(): void;
  /** Whether a command is under way; `idle` resolves when none is. */
  readonly busy: boolean;
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Drives the round machine: feeds it what chain, `train` and `swarm` say, and carries out what it answers. */
export async function startRounds(options: RoundsOptions): Promise<Rounds> {
  const { chain, train, swarm, consensus, hotkey, role } = options;
  const nowMs = options.nowMs ?? Date.now;
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  const folder = join(options.dataDir, 'rounds');
  const journal = await openJournal(folder);
  const genesis = await firstBase(options, journal);
  const events = listeners<RoundsEvents>();
  const setup: MachineSetup = {
    consensus,
    hotkey,
    role,
    schemaHash: schemaHashOf(consensus.model),
    chunks: chunkGrid(parameterCount(consensus.model), consensus.codec.chunkElements).chunks,
  };
  let state: MachineState = beginning(setup, {
    standing: train.ready.standing,
    pending: journal.pending,
    record: journal.record,
  });
  let edges: readonly Edge[] = [];
  let history: readonly RoundSummary[] = [];
  let witnesses = consensus.witnesses.kind === 'hotkeys' ? consensus.witnesses.hotkeys : [];
  let heldOut: readonly HeldOutPoint[] = [];
  let active = true;
  let shownStatus = '';
  let lastFailure = '';
  const running = new Set<Promise<unknown>>();
  const members = membership(chain, swarm, witnesses, signal);

  const parts: Parts = {
    chain,
    consensus,
    tag: runTagOf(options.profileHash),
    train,
    swarm,
    journal,
    commitmentWriter: options.commitmentWriter,
    folder,
    genesis,
    state: () => state,
    donors: () => [...state.peers],
    rates: options.rates ?? (() => ({ upBytesPerS: 0, downBytesPerS: 0 })),
    beforeSettle: async (round, limit) => {
      const { current } = state;
      if (current?.round === round) await options.beforeSettle?.(judged(current, readiesOf(round)), limit);
    },
    signal,
  };

  const readiesOf = (round: number) => [...state.readies.values()].filter((ready) => ready.round === round);

  function take(input: RoundInput): void {
    if (signal.aborted) return;
    const before = state;
    const next = step(setup, state, input);
    state = next.state;
    if (next.commands.length > 0) {
      logStep(input, next.commands);
      track(runAll(next.commands));
    }
    tellChanges(before);
  }

  function logStep(input: RoundInput, commands: readonly RoundCommand[]): void {
    const { current, finalized } = state;
    const done = commands.map(({ kind }) => kind).join(', ');
    options.log?.(
      `block ${finalized} round ${current?.round ?? '-'} ${current?.step ?? '-'}: ${input.kind} -> ${done}`,
    );
  }

  /** In order; a command that is saved to disk holds back those behind it, the others only begin in order. */
  async function runAll(commands: readonly RoundCommand[]): Promise<void> {
    let durable = true;
    for (const command of commands) {
      // Told in any case: the round is over, whatever the journal says of it.
      if (command.kind === 'conclude') conclude(command);
      // What could not be made durable must not be acted upon.
      else if (!durable) continue;
      else if (command.kind === 'persist') durable = await run(command);
      else track(run(command));
    }
  }

  async function run(command: RoundCommand): Promise<boolean> {
    try {
      const answer = await carryOut(parts, command);
      if (answer) take(answer);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const { code } = toCodedError(error);
      noteFailure(`${command.kind} ${code}`, error);
      take({ kind: 'failed', command: command.kind, code });
      return false;
    }
  }

  /** What fails at every block, as loading does while nobody gives the state, is logged once. */
  function noteFailure(what: string, error: unknown): void {
    if (what !== lastFailure) console.error('round command failed', what, error);
    lastFailure = what;
  }

  function track(work: Promise<unknown>): void {
    running.add(work);
    void work.finally(() => running.delete(work));
  }

  function conclude({ round, readies }: Extract<RoundCommand, { kind: 'conclude' }>): void {
    const known = heldOut.findLast((point) => point.round === round.round)?.loss ?? null;
    const summary = { ...summaryOf(round, edges), heldOutLoss: known };
    history = [...history.filter((one) => one.round !== round.round), summary].slice(-HISTORY_KEPT);
    const { standing } = state;
    events.emit('settled', {
      summary,
      round: judged(round, readies),
      preparedId: round.prepared?.resultId ?? null,
      baseDigest:
        summary.outcome === 'committed' && standing.round === round.round ? standing.baseDigest : null,
    });
    events.emit('view', viewNow());
  }

  const viewNow = () => viewOf(setup, state, { edges, history });

  function tellChanges(before: MachineState): void {
    const { current } = state;
    if (current && current.roster !== (before.current?.roster ?? null) && current.roster)
      events.emit('roster', judged(current, readiesOf(current.round)));
    if (current && current.round !== before.current?.round) {
      edges = [];
      witnesses = [...current.witnesses];
      members.setWitnesses(witnesses);
      void announceCandidacy(parts, options, current).catch(() => undefined);
    }
    if (state.standing.id !== before.standing.id) onStanding();
    const status = statusOf(setup, state);
    if (JSON.stringify(status) !== shownStatus) {
      shownStatus = JSON.stringify(status);
      events.emit('status', status);
    }
    if (state !== before) events.emit('view', viewNow());
  }

  function onStanding(): void {
    events.emit('standing', state.standing);
    track(offerState());
    track(measureHeldOut());
  }

  /** Newcomers may have our state, with the list that proves it. */
  async function offerState(): Promise<void> {
    const { baseDigest, state: file, round } = state.standing;
    if (round >= 0 && journal.lineage.at(-1)?.round !== round) return;
    const offer = { ...file, baseDigest, lineage: [...journal.lineage] };
    await swarm
      .call('offerState', offer, AbortSignal.any([signal, AbortSignal.timeout(SWARM_CALL_LIMIT_MS)]))
      .catch((error: unknown) => signal.aborted || console.error('offering the state failed', error));
  }

  async function measureHeldOut(): Promise<void> {
    if (!options.measuresHeldOut) return;
    const { round, id } = state.standing;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TRAIN_CALL_LIMIT_MS)]);
    const measured = await train.call('evaluate', { windows: HELD_OUT_WINDOWS }, limit).catch(() => null);
    if (!measured || state.standing.id !== id) return;
    const point = { round, loss: measured.loss, atMs: nowMs() };
    heldOut = [...heldOut, point].slice(-HELD_OUT_KEPT);
    history = history.map((one) => (one.round === round ? { ...one, heldOutLoss: measured.loss } : one));
    events.emit('heldOut', point);
    events.emit('view', viewNow());
  }

  let askingStart = false;
  async function learnStart(): Promise<void> {
    if (state.start !== null || askingStart) return;
    askingStart = true;
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(CHAIN_READ_LIMIT_MS)]);
      const { firstEmissionBlock } = await chain.subnet(null, limit);
      const block = startBlock(consensus.clock, firstEmissionBlock);
      if (block !== null) take({ kind: 'start', block });
    } catch {
      // Asked again at the next block.
    } finally {
      askingStart = false;
    }
  }

  function onFinalized(block: number): void {
    track(learnStart());
    members.refresh(nowMs());
    take({ kind: 'finalized', block, atMs: nowMs() });
  }

  const unsubscribe = [
    chain.on('finalized', ({ number }) => onFinalized(number)),
    swarm.on('ready', (ready) => take({ kind: 'ready', ready })),
    swarm.on('roster', ({ roster, rosterDigest }) => take({ kind: 'roster', roster, rosterDigest })),
    swarm.on('result', ({ hotkey, round, resultId }) => take({ kind: 'result', hotkey, round, resultId })),
    swarm.on('peer', ({ hotkey, connected }) => take({ kind: 'peer', hotkey, connected })),
    swarm.on('edges', (said) => {
      if (said.round !== state.current?.round) return;
      edges = said.edges;
      events.emit('view', viewNow());
    }),
  ];
  const ticking = setInterval(
    () => take({ kind: 'tick', nowMs: nowMs(), headBlock: chain.head?.number ?? null }),
    TICK_EVERY_MS,
  );
  ticking.unref();
  for (const peer of options.connected ?? []) take({ kind: 'peer', hotkey: peer, connected: true });
  if (chain.finalized) onFinalized(chain.finalized.number);
  track(offerState());
  track(measureHeldOut());

  return {
    get view() {
      return viewNow();
    },
    get status() {
      return statusOf(setup, state);
    },
    get standing() {
      return state.standing;
    },
    get history() {
      return history;
    },
    get heldOut() {
      return heldOut;
    },
    get witnesses() {
      return witnesses;
    },
    on: events.on,
    async setActive(next) {
      active = next;
      await train.call(
        'setActive',
        { active },
        AbortSignal.any([signal, AbortSignal.timeout(TRAIN_CALL_LIMIT_MS)]),
      );
    },
    noteCheck: (checked, passed) => take({ kind: 'checked', hotkey: checked, passed }),
    trainRestarted(standing) {
      take({ kind: 'trainRestarted', standing });
      if (!active) track(train.call('setActive', { active }, signal).catch(() => undefined));
    },
    swarmRestarted() {
      members.repeat();
      track(offerState());
      take({ kind: 'swarmRestarted' });
    },
    get busy() {
      return running.size > 0;
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled(running);
    },
    async stop() {
      stopping.abort();
      clearInterval(ticking);
      for (const off of unsubscribe) off();
      await Promise.allSettled(running);
    },
  };
}

function judged(round: OpenRound, readies: readonly Ready[]): JudgedRound {
  const { blockHash, witnesses, roster, report, outcome } = round;
  return {
    round: round.round,
    blockHash,
    witnesses,
    roster,
    readies,
    report,
    committed: outcome?.kind === 'committed',
  };
}

/** The run's first base: known for sure while `train` still stands on it, and from then on from the journal. */
async function firstBase(
  { train, profileHash }: RoundsOptions,
  journal: Awaited<ReturnType<typeof openJournal>>,
): Promise<CommittedBase> {
  const { standing } = train.ready;
  if (standing.round === -1) await journal.saveGenesis({ id: standing.id, baseDigest: standing.baseDigest });
  if (journal.genesis) return { round: -1, ...journal.genesis };
  // The journal is gone and `train` has moved on: no list can be verified; loading finds no donor and says so.
  const { baseDigest } = standing;
  return { round: -1, id: genesisId(profileHash, baseDigest), baseDigest };
}
