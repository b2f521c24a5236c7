import { withLimit } from '../../src-node/waits.ts';
import type { devnetContract } from '../../src-shared/contract/devnet.ts';
import type { RoundPhase } from '../../src-shared/contract/page/runs.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { Run } from '../runs/run.ts';
import type { SupervisedChild } from '../supervisor/supervise.ts';
import { CHAIN_CALL_LIMIT_MS, PACE_EVERY_MS } from './limits.ts';
import { afterMissed, nextBlockMs, type PaceSeen, type RoundBlocks } from './pace.ts';
import { stepTimes } from './step-times.ts';

/** Blocks of a round's parts that the chain's pace has to leave time for. */
export const roundBlocks = ({
  clock: { ready, roster, outcome },
  reduce,
}: Pick<Consensus, 'clock' | 'reduce'>): RoundBlocks => ({
  ready,
  // A roster is late one block before the outcome's; proposals begin at its own.
  gather: roster - ready + 1,
  average: outcome - roster,
  exchange: reduce.exchangeBlocks,
});

/** What one round showed of the machine. */
interface RoundSeen {
  readonly gatherMs: number | null;
  readonly averageMs: number | null;
  readonly exchangeMs: number | null;
}

/**
 * One committed round at a slow pace does not show that a quicker one would do: without this the rounds of a busy
 * machine come to nothing every other time.
 */
const ROUNDS_TO_TRUST = 3;

/** Phases in which members wait for one another. */
const inExchange: ReadonlySet<string> = new Set<RoundPhase>([
  'ready',
  'reducing',
  'listing',
  'verifying',
  'awaiting-outcome',
]);

const nothingSeen: RoundSeen = { gatherMs: null, averageMs: null, exchangeMs: null };

/** Watches how long the parts of a practice's rounds really take, and lets its chain go at a pace that fits. */
export function keepPace(
  run: Pick<Run, 'rounds' | 'train'>,
  devnet: Pick<SupervisedChild<typeof devnetContract>, 'call' | 'on'>,
  at: {
    readonly consensus: Pick<Consensus, 'clock' | 'reduce'>;
    readonly blockMs: number;
    readonly tokensPerStep: number;
    log(line: string): void;
  },
  signal: AbortSignal,
): () => void {
  const blocks = roundBlocks(at.consensus);
  let blockMs = at.blockMs;
  const steps = stepTimes();
  let round = nothingSeen;
  /** Of the round before, until this one has its own. */
  let last = nothingSeen;
  let atLeastMs = 0;
  /** Rounds that committed with the own part since the last that did not, and the mean time of a step in that one. */
  let sinceMissed = { rounds: 0, stepMs: 0 };
  let isPaused = false;
  // A round that was under way already says little: it was not seen from its beginning.
  let restedInRound = (run.rounds.view?.round ?? -1) >= 0;
  let phase = { name: '', sinceMs: performance.now(), ready: 0 };
  let asking = false;

  function onView(view: Run['rounds']['view']): void {
    if (!view) return;
    const nowMs = performance.now();
    if (view.phase === 'ready' && view.readyPeers > phase.ready)
      round = { ...round, gatherMs: nowMs - phase.sinceMs };
    if (view.phase === phase.name) {
      phase = { ...phase, ready: view.readyPeers };
      return;
    }
    if (phase.name === 'reducing') round = { ...round, exchangeMs: nowMs - phase.sinceMs };
    if (['reducing', 'listing', 'verifying'].includes(phase.name))
      round = { ...round, averageMs: (round.averageMs ?? 0) + nowMs - phase.sinceMs };
    phase = { name: view.phase, sinceMs: nowMs, ready: view.phase === 'ready' ? 0 : view.readyPeers };
  }

  /** What the newest rounds and steps say. */
  function seen(): PaceSeen {
    return {
      stepMs: steps.meanMs(),
      gatherMs: round.gatherMs ?? last.gatherMs,
      averageMs: round.averageMs ?? last.averageMs,
      exchangeMs: round.exchangeMs ?? last.exchangeMs,
      atLeastMs,
      // What the exchange takes is known when it is over: until then no block of it is shortened.
      mayQuicken: !inExchange.has(phase.name),
    };
  }

  function learn(tookPart: boolean): void {
    if (!tookPart) {
      atLeastMs = afterMissed(blockMs);
      sinceMissed = { rounds: 0, stepMs: steps.meanMs() ?? 0 };
      return;
    }
    sinceMissed = { ...sinceMissed, rounds: sinceMissed.rounds + 1 };
    if (sinceMissed.rounds >= ROUNDS_TO_TRUST) atLeastMs = 0;
  }

  async function look(): Promise<void> {
    const next = nextBlockMs(blockMs, seen(), blocks);
    if (next === blockMs || asking) return;
    asking = true;
    const before = blockMs;
    try {
      await devnet.call('setBlockMs', { blockMs: next }, withLimit(signal, CHAIN_CALL_LIMIT_MS));
      at.log(`blocks of ${next} ms instead of ${before}`);
      blockMs = next;
    } catch (error) {
      if (!signal.aborted) at.log(`the chain's pace: ${error}`);
    } finally {
      asking = false;
    }
  }

  const off = [
    run.train.on('step', ({ stepMs, tokens }) => {
      if (tokens === 0) return;
      // An event tells of all steps since the one before.
      const meanMs = stepMs / Math.max(1, Math.round(tokens / at.tokensPerStep));
      steps.add(meanMs);
      // The load that cost the round is gone.
      if ((steps.meanMs() ?? meanMs) <= sinceMissed.stepMs / 2) atLeastMs = 0;
    }),
    run.train.on('activity', ({ kind }) => {
      // Other work of the trainer lies between pauses as well: only training ends one.
      if (kind === 'paused') isPaused = true;
      if (kind === 'training') isPaused = false;
      restedInRound ||= isPaused;
    }),
    run.rounds.on('view', onView),
    run.rounds.on('settled', ({ summary }) => {
      // Who rested says nothing of the machine.
      if (!restedInRound) learn(summary.outcome === 'committed' && summary.contributed);
      restedInRound = isPaused;
      last = round;
      round = nothingSeen;
      void look();
    }),
    devnet.on('pace', (told) => {
      blockMs = told.blockMs;
    }),
  ];
  const looking = setInterval(() => void look(), PACE_EVERY_MS);
  return () => {
    clearInterval(looking);
    for (const unsubscribe of off) unsubscribe();
  };
}
