import { stopStack } from '../../src-node/stop-stack.ts';
import type { Earnings } from '../earnings/earnings.ts';
import type { Networks } from '../network/networks.ts';
import type { Store } from '../store/store.ts';
import { type Judge, startJudge } from './judge.ts';
import { enterRun, startKeep } from './keep.ts';
import type { StartedTrain } from './start-train.ts';
import { type RunConfig, startWork, type Work } from './work.ts';
import { startWriting, type Writing } from './writing.ts';

/** A hotkey at work with everything that judges it and keeps account of it: scores, evidence, earnings, history. */
export interface Run extends Work, Pick<Judge, 'scores' | 'onScores' | 'cards' | 'weightsPlan'> {
  /** The run's id in the store. */
  readonly storeId: number;
  readonly earnings: Earnings;
  readonly writing: Writing;
}

export interface RunParts {
  readonly networks: Networks;
  /** The caller's: it outlives the run. */
  readonly store: Store;
  /** `train` where it was started ahead; null starts it here. */
  readonly train: StartedTrain | null;
}

export async function startRun(
  config: RunConfig,
  { networks, store, train }: RunParts,
  signal: AbortSignal,
): Promise<Run> {
  let storeId = 0;
  const started = stopStack({
    onProblem: (name, problem) => config.log(`${name} did not stop cleanly: ${problem}`),
  });
  const work = await startWork(
    config,
    {
      networks,
      train,
      async readPast(owner) {
        const entered = await enterRun(store, config, owner);
        storeId = entered.storeId;
        return entered.past;
      },
    },
    signal,
  );
  started.push('work', () => work.stop());
  try {
    const keep = await startKeep(work, storeId, store);
    started.push('keep', () => keep.stop());
    const judge = await startJudge(work, keep.recorder, signal);
    started.push('judge', () => judge.stop());
    const writing = await startWriting({
      ...{ train: work.train, dataDir: config.dataDir, log: config.log, told: config.notices.notice, signal },
      clock: { nowMs: Date.now, elapsedMs: () => performance.now() },
    });
    started.push('writing', () => writing.stop());
    return {
      ...work,
      writing,
      storeId,
      earnings: keep.earnings,
      get scores() {
        return judge.scores;
      },
      ...{ onScores: judge.onScores, cards: judge.cards, weightsPlan: judge.weightsPlan },
      stop: () => started.stop(),
    };
  } catch (error) {
    await started.stop();
    throw error;
  }
}
