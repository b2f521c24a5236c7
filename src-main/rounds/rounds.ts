import { join } from 'node:path';
import { type Listeners, listeners } from '../../src-node/listeners.ts';
import { withLimit } from '../../src-node/waits.ts';
import type { CodecId } from '../../src-shared/codec/table.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { RoundSummary } from '../../src-shared/contract/page/runs.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { Standing, TrainContract } from '../../src-shared/contract/train.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { runTagOf } from '../../src-shared/profile/profile.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { LineageEntry } from '../../src-shared/rounds/messages.ts';
import type { Rates } from '../../src-shared/scoring/bandwidth.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { Chain } from '../network/chain.ts';
import { AuditBlocks } from './audit-blocks.ts';
import { ChainPace } from './chain-pace.ts';
import type { RecordWriter } from './commands.ts';
import { startDriver } from './driver.ts';
import { nextTier } from './group-memory.ts';
import { type HeldOutPoint, heldOutLoss } from './held-out.ts';
import type { RoundsPast } from './history.ts';
import { type Judgement, judgeDesk } from './judging.ts';
import { TRAIN_CALL_LIMIT_MS } from './limits.ts';
import { listen } from './listening.ts';
import { membership } from './membership.ts';
import { readOutcomes } from './outcomes.ts';
import type { RoundsStatus, RoundWithHistory } from './round-view.ts';
import { readStart } from './start.ts';
import { stateOffer } from './state-offer.ts';
import { logStates } from './state-progress.ts';
import type { StateSource } from './state-source.ts';
import { type RoundsEvents, tellRounds } from './telling.ts';
import { type WitnessWork, witnessFile, witnessWork } from './witness-work.ts';

export interface RoundsClock {
  /** Time of day, for what is shown and kept. */
  nowMs(): number;
  /** Monotonic, for what is waited for: a clock that is set back must not look like a chain that stands still. */
  elapsedMs(): number;
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
  /** Where states are had beside peers; null: nowhere. */
  readonly source: StateSource | null;
  /** Peers that `swarm` was connected to before rounds began. */
  readonly connected: readonly Ss58[];
  /** Whether a round waits for a judge before it is settled: told as `judge`, answered by `judged`. */
  readonly isJudged: boolean;
  /** Whether training may run from the start; as `setActive` says it later. */
  readonly isActive: boolean;
  readonly past: RoundsPast;
  /** Whether to evaluate each new base on held-out text; companions leave that to the user's own host. */
  readonly measuresHeldOut: boolean;
  /** One short line for each step of a round, for the log file. */
  log(line: string): void;
  readonly signal: AbortSignal;
  /** What a person should know: a file of the journal was damaged, a witness contradicts itself. */
  told(error: CodedError): void;
  readonly clock: RoundsClock;
}

export interface Rounds extends Pick<Listeners<RoundsEvents>, 'on'> {
  readonly view: RoundWithHistory | null;
  readonly status: RoundsStatus;
  readonly standing: Standing;
  readonly history: readonly RoundSummary[];
  /** The list of committed rounds that proves what we stand on. */
  readonly lineage: readonly LineageEntry[];
  /** What was measured of each base, oldest first, for who subscribes late. */
  readonly heldOut: readonly HeldOutPoint[];
  /** What receipts of the last rounds show of each member's link. */
  readonly rates: ReadonlyMap<Ss58, Rates>;
  /** The codec of the next contribution, and the bytes of a whole one in each tier of the profile. */
  readonly tier: CodecId;
  readonly tierBytes: ReadonlyMap<CodecId, number>;
  /** Witnesses of the round in progress, or of the last one. */
  readonly witnesses: readonly Ss58[];
  setActive(active: boolean): Promise<void>;
  /** False while it rests, as somebody or the house's rules want. */
  readonly isActive: boolean;
  /** Whether a newer start of the hotkey speaks elsewhere: then nothing is said, proposed or written here. */
  isBlocked: boolean;
  /** A validator's check of a hotkey: a failed one lowers its weight in rosters to 0 until one passes. */
  noteCheck(hotkey: Ss58, passed: boolean): void;
  /** All whose contributions do harm, as this validator sees it now: no others have weight 0 in its rosters for that. */
  noteHarmful(hotkeys: ReadonlySet<Ss58>): void;
  /** What this validator does as a witness; null for a miner. */
  readonly asWitness: Pick<WitnessWork, 'view' | 'on'> | null;
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
  const { chain, train, swarm, consensus, commitmentWriter, clock, past } = options;
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  const folder = join(options.dataDir, 'rounds');
  const { journal, genesis, setup, state } = await readStart({ ...options, folder });
  const asked = listeners<Pick<RoundsEvents, 'judge'>>();
  const desk = judgeDesk((judgement) => asked.emit('judge', judgement), signal);
  const run = { chain, consensus, tag: runTagOf(options.profileHash) };
  const pace = new ChainPace();
  const auditBlocks = new AuditBlocks();
  const outcomes = readOutcomes(run);
  const reach = { train, swarm, journal, commitmentWriter, outcomes, desk, pace, auditBlocks };
  const driver = startDriver(setup, state, {
    ...run,
    ...reach,
    folder,
    genesis,
    source: options.source,
    signal,
    log: options.log,
  });
  const heldOut = heldOutLoss(train, past.heldOut, clock.nowMs, signal);
  const telling = tellRounds(setup, driver, heldOut, past, clock.nowMs);
  asked.on('judge', (judgement) => telling.emit('judge', judgement));
  let witnesses = consensus.witnesses.kind === 'hotkeys' ? consensus.witnesses.hotkeys : [];
  const members = membership(chain, swarm, witnesses, signal);

  // A miner is asked for no word.
  const asWitness =
    options.role === 'validator' ? await witnessWork(setup, driver, witnessFile(folder, options.told)) : null;
  const offContradictions = swarm.on('contradiction', (said) => asWitness?.contradicted(said));

  const standing = () => driver.state.standing;
  const peers = () => [...driver.state.peers];
  const offered = stateOffer({ swarm, journal, genesis, source: options.source, peers, standing, signal });
  const offer = () => driver.track(offered.offer());
  /** A base is offered to newcomers and measured as soon as we stand on it. */
  function showBase(): void {
    offer();
    if (options.measuresHeldOut) driver.track(telling.measure());
  }
  telling.on('standing', showBase);
  driver.on('moved', ({ before, after: { current, peers } }) => {
    // Whoever comes may have the list of rounds that the disk has lost.
    if (peers.size > before.peers.size && !offered.isProven) offer();
    if (!current || current.round === before.current?.round) return;
    witnesses = [...current.witnesses];
    members.setWitnesses(witnesses);
  });
  const setTraining = () =>
    train.call('setActive', { active: driver.state.isActive }, withLimit(signal, TRAIN_CALL_LIMIT_MS));

  // Before any round can be opened: calls reach `train` in their order.
  if (!options.isActive) driver.track(setTraining().catch(() => undefined));

  const { elapsedMs } = clock;
  for (const peer of options.connected) driver.take({ kind: 'peer', hotkey: peer, connected: true });
  const deafen = listen({
    chain,
    swarm,
    clock: consensus.clock,
    driver,
    members,
    pace,
    elapsedMs,
    signal,
    told: options.told,
  });
  const offEdges = swarm.on('edges', telling.edges);
  const offStates = logStates(swarm, options.log, elapsedMs);
  showBase();

  return {
    get view() {
      return telling.view;
    },
    get status() {
      return telling.status;
    },
    get standing() {
      return driver.state.standing;
    },
    get history() {
      return telling.history;
    },
    get lineage() {
      return journal.lineage;
    },
    get heldOut() {
      return heldOut.points;
    },
    get rates() {
      return driver.state.rates;
    },
    get tier() {
      return nextTier(setup, driver.state);
    },
    tierBytes: setup.tierBytes,
    get witnesses() {
      return witnesses;
    },
    get toJudge() {
      return desk.asked;
    },
    on: telling.on,
    asWitness,
    judged: desk.answer,
    async setActive(isActive) {
      driver.take({ kind: 'active', isActive });
      await setTraining();
    },
    get isActive() {
      return driver.state.isActive;
    },
    get isBlocked() {
      return driver.state.isBlocked;
    },
    set isBlocked(isBlocked) {
      driver.take({ kind: 'blocked', isBlocked });
    },
    noteCheck: (hotkey, passed) => driver.take({ kind: 'checked', hotkey, passed }),
    noteHarmful: (hotkeys) => driver.take({ kind: 'harmful', hotkeys }),
    trainRestarted(standing) {
      driver.take({ kind: 'trainRestarted', standing });
      if (!driver.state.isActive) driver.track(setTraining().catch(() => undefined));
    },
    swarmRestarted() {
      members.repeat();
      offer();
      driver.take({ kind: 'swarmRestarted' });
    },
    get busy() {
      return driver.busy;
    },
    idle: driver.idle,
    async stop() {
      stopping.abort();
      deafen();
      offEdges();
      offContradictions();
      offStates();
      await driver.ended();
    },
  };
}
