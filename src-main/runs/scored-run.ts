import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { type Listeners, listeners } from '../../src-node/listeners.ts';
import { stopStack } from '../../src-node/stop-stack.ts';
import type { ScoresView } from '../../src-shared/contract/page/runs.ts';
import { toCodedError } from '../../src-shared/errors/app-error.ts';
import {
  type AverageManifest,
  averageManifestSchema,
  spoolFiles,
  spoolFolder,
} from '../../src-shared/spool.ts';
import { type Earnings, startEarnings } from '../earnings/earnings.ts';
import type { RoundsPast } from '../rounds/history.ts';
import type { Judgement } from '../rounds/judging.ts';
import { startScoreReader } from '../scoring/score-reader.ts';
import { startScoring } from '../scoring/scoring.ts';
import type { Store } from '../store/store.ts';
import { APP_VERSION } from '../version.ts';
import { pastOf, ROUNDS_SHOWN } from './past.ts';
import { pruneSpool } from './prune-spool.ts';
import { recordRun } from './record.ts';
import { type StartedTrain, spoolDir } from './start-train.ts';
import { type Run, type RunConfig, type RunOwner, startRun } from './work.ts';

/** A manifest larger than this is none of ours: 64 bytes of digest and some more for each chunk of the largest model. */
const MANIFEST_BYTES_MAX = 16 * 1024 * 1024;

interface ScoredRunEvents {
  scores: ScoresView;
}

/** A run with everything that judges it and keeps account of it: scores, evidence, earnings, history. */
export interface ScoredRun extends Run {
  readonly runId: number;
  readonly store: Store;
  readonly earnings: Earnings;
  readonly scores: ScoresView | null;
  onScores: Listeners<ScoredRunEvents>['on'];
}

/** The store is the caller's: it outlives the run. */
export async function startScoredRun(
  config: RunConfig,
  store: Store,
  signal: AbortSignal,
  prepared?: StartedTrain,
): Promise<ScoredRun> {
  const events = listeners<ScoredRunEvents>();
  let runId = 0;
  let scores: ScoresView | null = null;
  const told = (view: ScoresView) => {
    scores = view;
    events.emit('scores', view);
  };

  const run = await startRun(config, signal, readPast, prepared);
  const started = stopStack({
    onProblem: (name, problem) => config.log(`${name} did not stop cleanly: ${problem}`),
  });
  started.push('run', () => run.stop());
  try {
    return await compose();
  } catch (error) {
    await started.stop();
    throw error;
  }

  async function readPast({ hotkey, coldkey, profileHash }: RunOwner): Promise<RoundsPast> {
    const { consensus } = config.profile;
    runId = await store.startRun({
      profile: consensus.name,
      profileHash,
      netuid: consensus.chain.netuid,
      hotkey,
      coldkey,
      role: config.role,
      startedMs: Date.now(),
      appVersion: APP_VERSION,
    });
    return pastOf(await store.rounds(runId, ROUNDS_SHOWN));
  }

  async function compose(): Promise<ScoredRun> {
    const { profile, role, dataDir } = config;
    const { chain, hotkey, coldkey, rounds, swarm } = run;
    const { consensus } = profile;
    const recorder = recordRun(run, runId, store);
    started.push('recorder', () => recorder.stop());
    const earnings = await startEarnings({
      chain,
      hotkey,
      coldkey,
      ledger: store.ledger(chain.genesisHash, consensus.chain.netuid),
      clock: { now: Date.now },
      onFault: (error) => {
        config.log(`earnings: ${error}`);
        if (toCodedError(error).code === 'DATABASE_DAMAGED') config.notices.notice(toCodedError(error));
      },
      onGap: (gap) => config.notices.notice(gap),
    });
    started.push('earnings', () => earnings.stop());
    rounds.on('settled', ({ summary }) => void pruneSpool(spoolDir(dataDir), summary.round));
    if (role === 'validator') await judge();
    else read();

    async function judge(): Promise<void> {
      const judging = await startScoring({
        chain,
        train: run.train,
        swarm,
        consensus,
        hotkey,
        signer: run.hotkeySigner,
        evidence: { keep: (rows) => recorder.keepEvidence(hotkey, rows) },
        dataDir,
        readAverage: (round) => readAverage(dataDir, round),
        checked: (peer, passed) => rounds.noteCheck(peer, passed),
        scores: told,
        told: config.notices.notice,
        nowMs: Date.now,
        signal,
      });
      started.push('scoring', () => judging.stop());
      const answer = async ({ round, signal: limit }: Judgement) => {
        await judging.finishChecks(round, limit).catch((error: unknown) => config.log(`judging: ${error}`));
        rounds.judged(round.round);
      };
      if (rounds.toJudge) void answer(rounds.toJudge);
      rounds.on('judge', (asked) => void answer(asked));
      rounds.on('roster', (round) => judging.beginChecks(round));
      rounds.on('settled', ({ round }) => void judging.conclude(round));
    }

    function read(): void {
      const reader = startScoreReader({
        swarm,
        hotkey,
        model: consensus.scoreModel,
        scores: (view) => {
          recorder.keepScores(view);
          told(view);
        },
        signal,
      });
      started.push('score reader', () => reader.stop());
      rounds.on('settled', () => reader.roundSettled(rounds.witnesses));
    }

    return {
      ...run,
      runId,
      store,
      earnings,
      get scores() {
        return scores;
      },
      onScores: events.on,
      stop: () => started.stop(),
    };
  }
}

async function readAverage(dataDir: string, round: number): Promise<AverageManifest | null> {
  const text = await readFile(
    join(spoolDir(dataDir), spoolFolder(round), spoolFiles.averageManifest),
    'utf8',
  );
  if (text.length > MANIFEST_BYTES_MAX) return null;
  const parsed = v.safeParse(averageManifestSchema, JSON.parse(text));
  return parsed.success ? parsed.output : null;
}
