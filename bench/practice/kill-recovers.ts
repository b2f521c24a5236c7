import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHost } from '../../src-main/host.ts';
import type { Practice } from '../../src-main/practice/practice.ts';

/** A companion killed in the middle of a round must be back and share the group's result within so many rounds. */
const ROUNDS_TO_RETURN = 6;
/** In the middle of the work of a practice round: 12 blocks to its ready block. */
const KILL_AT_BLOCK = 6;
/** First commit, the round of the kill and those to return, on a machine that is slower than it should be. */
const LIMIT_MS = 420_000;

export interface KillOutcome {
  readonly roundCommitted: boolean;
  readonly caughtUp: boolean;
}

/** Kills one companion with SIGKILL in the middle of a round's work, in a real practice. */
export async function killRecovers(): Promise<KillOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-kill-'));
  const host = await startHost({
    dataDir: folder,
    shell: 'web',
    adversary: null,
    extraEnv: {},
    echoLog: false,
    askToEnd: () => undefined,
  });
  try {
    return await observe(await host.practice());
  } finally {
    await host.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function observe(practice: Practice): Promise<KillOutcome> {
  const { run } = practice;
  const victim = practice.companions.find(({ player }) => player.role === 'miner');
  if (!victim) throw new TypeError('a practice has companion miners');
  const hotkey = practice.keys.miners[1]?.hotkey;
  const results = new Map<number, Map<string, string>>();
  let killedIn: number | null = null;
  let roundCommitted = false;

  return new Promise((resolve) => {
    const finish = (caughtUp: boolean) => {
      clearTimeout(limit);
      resolve({ roundCommitted, caughtUp });
    };
    const limit = setTimeout(() => finish(false), LIMIT_MS);
    run.swarm.on('result', (said) => {
      const known = results.get(said.round) ?? new Map<string, string>();
      results.set(said.round, known.set(said.hotkey, said.resultId));
    });
    run.rounds.on('view', (view) => {
      const { state } = victim.child;
      if (killedIn !== null || !view || state.kind !== 'ready') return;
      if (run.rounds.history.every(({ outcome }) => outcome !== 'committed')) return;
      if (view.phase !== 'working' || view.blockInRound < KILL_AT_BLOCK) return;
      killedIn = view.round;
      process.kill(state.pid, 'SIGKILL');
    });
    run.rounds.on('settled', ({ summary, preparedId }) => {
      if (killedIn === null || summary.round < killedIn) return;
      if (summary.round === killedIn) roundCommitted = summary.outcome === 'committed';
      else if (
        summary.outcome === 'committed' &&
        preparedId &&
        results.get(summary.round)?.get(hotkey ?? '') === preparedId
      )
        finish(true);
      else if (summary.round > killedIn + ROUNDS_TO_RETURN) finish(false);
    });
  });
}
