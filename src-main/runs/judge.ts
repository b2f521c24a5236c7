import { join } from 'node:path';
import * as v from 'valibot';
import { parseJson } from '../../src-node/durable-json.ts';
import { type Listeners, listeners } from '../../src-node/listeners.ts';
import { readTextBounded } from '../../src-node/read-bounded.ts';
import { verifySr25519 } from '../../src-node/sr25519.ts';
import type { ScoresView } from '../../src-shared/contract/page/runs.ts';
import type { WeightsPlan } from '../../src-shared/contract/page/weights-plan.ts';
import { runTagOf } from '../../src-shared/profile/profile.ts';
import { isTextOf } from '../../src-shared/rounds/signed-text.ts';
import {
  type AverageManifest,
  averageManifestSchema,
  spoolFiles,
  spoolFolder,
} from '../../src-shared/spool.ts';
import type { Judgement } from '../rounds/judging.ts';
import { type KeptCards, keptCards } from '../scoring/kept-cards.ts';
import { startScoreReader } from '../scoring/score-reader.ts';
import { startScoring } from '../scoring/scoring.ts';
import { HOTKEY } from '../vault/key-names.ts';
import { hostParts } from './adversaries/adversaries.ts';
import { connectedIn } from './peer-book.ts';
import type { Recorder } from './record.ts';
import { spoolDir } from './start-train.ts';
import type { Work } from './work.ts';

/** A manifest larger than this is none of ours: 64 bytes of digest and some more for each chunk of the largest model. */
const MANIFEST_BYTES_MAX = 16 * 1024 * 1024;

/** The scores of a run: those that a validator gives, those that a miner reads. */
export interface Judge {
  readonly scores: ScoresView | null;
  readonly onScores: Listeners<{ scores: ScoresView }>['on'];
  /** What validators signed of a miner; null for a validator. */
  readonly cards: KeptCards | null;
  /** What weights a validator would set now; null for a miner. @throws {AppError} as reads of the chain */
  weightsPlan(): Promise<WeightsPlan | null>;
  stop(): Promise<void>;
}

/** What a role brings. */
type Judging = Pick<Judge, 'cards' | 'weightsPlan' | 'stop'>;

export async function startJudge(work: Work, recorder: Recorder, signal: AbortSignal): Promise<Judge> {
  const events = listeners<{ scores: ScoresView }>();
  let scores: ScoresView | null = null;
  const told = (view: ScoresView) => {
    scores = view;
    events.emit('scores', view);
  };
  const { role } = work.config;
  const judging =
    role === 'validator'
      ? await scoreOthers(work, recorder, told, signal)
      : readOwn(work, recorder, told, signal);
  return {
    get scores() {
      return scores;
    },
    onScores: events.on,
    ...judging,
  };
}

async function scoreOthers(
  { config, chain, train, swarm, hotkey, hotkeySigner, rounds, profileHash, peerBook }: Work,
  recorder: Recorder,
  told: (view: ScoresView) => void,
  signal: AbortSignal,
): Promise<Judging> {
  const { dataDir, profile, notices, log, keys } = config;
  const of = { kind: 'scores', runTag: runTagOf(profileHash) } as const;
  const scoring = await startScoring({
    chain: hostParts(config.adversary).judging(chain),
    train,
    swarm,
    consensus: profile.consensus,
    hotkey,
    signer: hotkeySigner,
    signScores: (text) => keys.vault.signText(HOTKEY, of, text),
    evidence: { keep: (rows) => recorder.keepEvidence(hotkey, rows) },
    dataDir,
    connected: () => connectedIn(peerBook),
    readAverage: (round) => readAverage(dataDir, round),
    mayAct: () => !rounds.isBlocked,
    mayLook: () => rounds.isActive,
    checked: (peer, passed) => rounds.noteCheck(peer, passed),
    harmful: (peers) => rounds.noteHarmful(peers),
    scores: told,
    told: notices.notice,
    nowMs: Date.now,
    signal,
  });
  const answer = async ({ round, signal: limit }: Judgement) => {
    await scoring.finishChecks(round, limit).catch((error: unknown) => log(`judging: ${error}`));
    rounds.judged(round.round);
  };
  if (rounds.toJudge) void answer(rounds.toJudge);
  const off = [
    rounds.on('judge', (asked) => void answer(asked)),
    rounds.on('roster', (round) => {
      const { id, baseDigest } = rounds.standing;
      scoring.beginChecks(round, round.roster?.baseId === id ? baseDigest : null);
    }),
    rounds.on('settled', ({ round }) => void scoring.conclude(round)),
  ];
  return {
    cards: null,
    weightsPlan: scoring.plan,
    stop() {
      for (const unsubscribe of off) unsubscribe();
      return scoring.stop();
    },
  };
}

function readOwn(
  { config, swarm, hotkey, rounds, profileHash }: Work,
  recorder: Recorder,
  told: (view: ScoresView) => void,
  signal: AbortSignal,
): Judging {
  const of = { kind: 'scores', runTag: runTagOf(profileHash) } as const;
  const cards = keptCards(join(config.dataDir, 'cards'), (thrown) => config.log(`cards: ${thrown}`));
  const reader = startScoreReader({
    swarm,
    hotkey,
    model: config.profile.consensus.scoreModel,
    isSignedBy: (said, validator) => isTextOf(said, validator, of, verifySr25519),
    said(words) {
      recorder.keepScores(words.set);
      void cards.keep(words);
    },
    scores: told,
    signal,
  });
  const off = rounds.on('settled', () => reader.roundSettled(rounds.witnesses));
  return {
    cards,
    weightsPlan: async () => null,
    stop() {
      off();
      return reader.stop();
    },
  };
}

async function readAverage(dataDir: string, round: number): Promise<AverageManifest | null> {
  const path = join(spoolDir(dataDir), spoolFolder(round), spoolFiles.averageManifest);
  const text = await readTextBounded(path, MANIFEST_BYTES_MAX);
  const parsed = v.safeParse(averageManifestSchema, text == null ? null : parseJson(text));
  return parsed.success ? parsed.output : null;
}
