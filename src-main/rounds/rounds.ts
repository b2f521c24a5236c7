import { join } from 'node:path';
import { type Listeners, listeners } from '../../src-node/listeners.ts';
import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { RoundSummary } from '../../src-shared/contract/page/runs.ts';
import type { Edge, SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { Standing, TrainContract } from '../../src-shared/contract/train.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { runTagOf } from '../../src-shared/profile/profile.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { readClock } from '../../src-shared/rounds/clock.ts';
import type { JudgedRound } from '../../src-shared/rounds/concluded.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { Chain } from '../network/chain.ts';
import type { Parts, RecordWriter } from './commands.ts';
import { startDriver } from './driver.ts';
import { type HeldOutPoint, heldOutLoss } from './held-out.ts';
import { roundHistory } from './history.ts';
import { type Judgement, judgeDesk } from './judging.ts';
import { TICK_EVERY_MS, TRAIN_CALL_LIMIT_MS } from './limits.ts';
import { membership } from './membership.ts';
import { readOutcomes } from './outcomes.ts';
import { judgedRound, type MachineState, type RoundCommand, readiesOf } from './round-state.ts';
import { type RoundsStatus, type RoundWithHistory, statusOf, summaryOf, viewOf } from './round-view.ts';
import { readStart } from './start.ts';
import { readStartBlock } from './start-block.ts';
import { offerState } from './state-offer.ts';

/** What earlier starts of the run left to be shown, oldest first. */
export interface RoundsPast {
  readonly rounds: readonly RoundSummary[];
  readonly heldOut: readonly HeldOutPoint[];
}

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
  readonly connected: readonly Ss58[];
  /** Whether a round waits for a judge before it is settled: told as `judge`, answered by `judged`. */
  readonly isJudged: boolean;
  readonly past: RoundsPast;
  /** Whether to evaluate each new base on held-out text; companions leave that to the user's own host. */
  readonly measuresHeldOut: boolean;
  /** One short line for each step of a round, for the log file. */
  log(line: string): void;
  readonly signal: AbortSignal;
  /** A file of the journal was damaged. */
  told(error: CodedError): void;
  /** Wall clock. */
  nowMs(): number;
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
  view: RoundWithHistory | null;
  status: RoundsStatus;
  standing: Standing;
  /** The roster of the round in progress was accepted: who was ready cannot change any more. */
  roster: JudgedRound;
  /** The outcome is known, and `train` stays on the round's base until `judged` is said or the limit has passed. */
  judge: Judgement;
  settled: ConcludedRound;
  heldOut: HeldOutPoint;
}

export interface Rounds extends Pick<Listeners<RoundsEvents>, 'on'> {
  readonly view: RoundWithHistory | null;
  readonly status: RoundsStatus;
  readonly standing: Standing;
  readonly history: readonly RoundSummary[];
  /** What was measured of each base, oldest first, for who subscribes late. */
  readonly heldOut: readonly HeldOutPoint[];
  /** Witnesses of the round in progress, or of the last one. */
  readonly witnesses: readonly Ss58[];
  setActive(active: boolean): Promise<void>;
  /** A validator's check of a hotkey: a failed one lowers its weight in rosters to 0 until one passes. */
  noteCheck(hotkey: Ss58, passed: boolean): void;
  /** What waits for a judge now, for one that comes late. */
  readonly toJudge: Judgement | null;
  /** The judge is done with this round. */
  judged(round: number): void;
  /** To be called when the supervisor has brought a child back. */
  trainRestarted(standing: Standing): void;
  swarmRestarted(): void;
  /** Whether a command is under way; `idle` resolves when none is. */
  readonly busy: boolean;
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Composes the round machine with chain, `train` and `swarm`: who tells it what, and what is told of it. */
export async function startRounds(options: RoundsOptions): Promise<Rounds> {
  const { chain, train, swarm, consensus, profileHash, hotkey, role, isJudged, nowMs, past, told } = options;
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  const folder = join(options.dataDir, 'rounds');
  const start = await readStart({ train, consensus, profileHash, hotkey, role, isJudged, folder, told });
  const { journal, genesis, setup } = start;
  const events = listeners<RoundsEvents>();
  const desk = judgeDesk((judgement) => events.emit('judge', judgement), signal);
  const tag = runTagOf(profileHash);
  const { commitmentWriter } = options;
  const run = { chain, consensus, tag };
  const reach = { train, swarm, journal, commitmentWriter, outcomes: readOutcomes(run), desk };
  const parts: Parts = { ...run, ...reach, folder, genesis, signal };
  const driver = startDriver(setup, start.state, parts, options.log);
  const history = roundHistory(past.rounds);
  const heldOut = heldOutLoss(train, past.heldOut, nowMs, signal);
  let witnesses = consensus.witnesses.kind === 'hotkeys' ? consensus.witnesses.hotkeys : [];
  const members = membership(chain, swarm, witnesses, signal);
  let edges: readonly Edge[] = [];
  let active = true;
  let shownStatus = '';

  const viewNow = () => viewOf(setup, driver.state, { edges, history: history.summaries });

  function tellMove(before: MachineState, after: MachineState): void {
    const { current, standing } = after;
    if (current && current.roster !== (before.current?.roster ?? null) && current.roster)
      events.emit('roster', judgedRound(current, readiesOf(after, current.round)));
    if (current && current.round !== before.current?.round) onOpened(current.witnesses);
    if (standing.id !== before.standing.id) {
      events.emit('standing', standing);
      showBase();
    }
    const status = statusOf(setup, after);
    if (JSON.stringify(status) !== shownStatus) {
      shownStatus = JSON.stringify(status);
      events.emit('status', status);
    }
    events.emit('view', viewNow());
  }

  function onOpened(now: readonly Ss58[]): void {
    edges = [];
    witnesses = [...now];
    members.setWitnesses(witnesses);
  }

  /** A base is offered to newcomers and measured as soon as we stand on it. */
  function showBase(): void {
    driver.track(offerState(swarm, journal, driver.state.standing, signal));
    if (options.measuresHeldOut) driver.track(measure());
  }

  async function measure(): Promise<void> {
    const point = await heldOut.measure(() => driver.state.standing);
    if (!point) return;
    history.noteLoss(point.round, point.loss);
    events.emit('heldOut', point);
    events.emit('view', viewNow());
  }

  function conclude(concluded: Extract<RoundCommand, { kind: 'conclude' }>): void {
    const { round, readies } = concluded;
    const summary = { ...summaryOf(setup, concluded, edges), heldOutLoss: heldOut.of(round.round) };
    history.add(summary);
    const { standing } = driver.state;
    const isStanding = summary.outcome === 'committed' && standing.round === round.round;
    events.emit('settled', {
      summary,
      round: judgedRound(round, readies),
      preparedId: round.prepared?.resultId ?? null,
      baseDigest: isStanding ? standing.baseDigest : null,
    });
    events.emit('view', viewNow());
  }

  let asksStart = false;
  async function learnStart(): Promise<void> {
    if (driver.state.start !== null || asksStart) return;
    asksStart = true;
    const block = await readStartBlock(chain, consensus.clock, signal);
    asksStart = false;
    if (block !== null) driver.take({ kind: 'start', block });
  }

  function onFinalized(block: number): void {
    driver.track(learnStart());
    members.refresh(nowMs());
    tellRound(block);
    driver.take({ kind: 'finalized', block, atMs: nowMs() });
  }

  function tellRound(block: number): void {
    const { start: from } = driver.state;
    const round = from === null ? -1 : readClock(consensus.clock, from, block).round;
    if (round >= 0) members.setRound(round);
  }

  const setTraining = () => train.call('setActive', { active }, withLimit(signal, TRAIN_CALL_LIMIT_MS));

  const unsubscribe = [
    driver.on('moved', ({ before, after }) => tellMove(before, after)),
    driver.on('concluded', conclude),
    chain.on('finalized', ({ number }) => onFinalized(number)),
    swarm.on('ready', (ready) => driver.take({ kind: 'ready', ready })),
    swarm.on('roster', ({ roster, rosterDigest }) => driver.take({ kind: 'roster', roster, rosterDigest })),
    swarm.on('result', (said) => driver.take({ kind: 'result', ...said })),
    swarm.on('peer', (peer) => driver.take({ kind: 'peer', ...peer })),
    swarm.on('edges', (said) => {
      if (said.round !== driver.state.current?.round) return;
      edges = said.edges;
      events.emit('view', viewNow());
    }),
  ];
  const ticking = setInterval(
    () => driver.take({ kind: 'tick', nowMs: nowMs(), headBlock: chain.head?.number ?? null }),
    TICK_EVERY_MS,
  );
  ticking.unref();
  for (const peer of options.connected) driver.take({ kind: 'peer', hotkey: peer, connected: true });
  if (chain.finalized) onFinalized(chain.finalized.number);
  showBase();

  return {
    get view() {
      return viewNow();
    },
    get status() {
      return statusOf(setup, driver.state);
    },
    get standing() {
      return driver.state.standing;
    },
    get history() {
      return history.summaries;
    },
    get heldOut() {
      return heldOut.points;
    },
    get witnesses() {
      return witnesses;
    },
    get toJudge() {
      return desk.asked;
    },
    on: events.on,
    judged: desk.answer,
    async setActive(next) {
      active = next;
      driver.take({ kind: 'active', isActive: next });
      await setTraining();
    },
    noteCheck: (checked, passed) => driver.take({ kind: 'checked', hotkey: checked, passed }),
    trainRestarted(standing) {
      driver.take({ kind: 'trainRestarted', standing });
      if (!active) driver.track(setTraining().catch(() => undefined));
    },
    swarmRestarted() {
      members.repeat();
      driver.track(offerState(swarm, journal, driver.state.standing, signal));
      driver.take({ kind: 'swarmRestarted' });
    },
    get busy() {
      return driver.busy;
    },
    idle: driver.idle,
    async stop() {
      stopping.abort();
      clearInterval(ticking);
      for (const off of unsubscribe) off();
      await driver.ended();
    },
  };
}
