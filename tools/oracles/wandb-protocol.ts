import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openWandbRun } from '../../src-worker/publish/run-logs/wandb/run.ts';
import { type FakeRun, startFakeWandb } from '../../test/fakes/fake-wandb.ts';

/**
 * The official client of Weights & Biases and ours against the same server: what each asks, in which order, and what
 * stands there afterwards. Run once by hand when either changes:
 *
 *     node tools/oracles/wandb-protocol.ts PYTHON     (a Python that has wandb)
 */
const KEY = 'a'.repeat(40);
const python = process.argv[2] ?? 'python3';
const wandb = await startFakeWandb({ [KEY]: 'team' });
const folder = await mkdtemp(join(tmpdir(), 'butterfly-wandb-oracle-'));

const script = fileURLToPath(new URL('./wandb_client.py', import.meta.url));
const official = spawn(python, [script, 'stop'], {
  cwd: folder,
  env: {
    ...process.env,
    WANDB_BASE_URL: wandb.url,
    WANDB_API_KEY: KEY,
    WANDB_DIR: folder,
    WANDB_ERROR_REPORTING: 'false',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
for await (const line of createInterface(official.stdout)) {
  console.log(`official: ${line}`);
  if (line === 'listens') wandb.stopRun('m007_official');
}
const theirs = [...new Set(wandb.requests.map(({ what }) => what))];

const never = new AbortController().signal;
const access = { baseUrl: wandb.url, apiKey: KEY };
const options = {
  ...{ entity: null, project: 'runs_miners', runId: 'm007_ours', logId: 'a1', hotkey: '5Mine', startedMs: 0 },
  ...{ displayName: 'M007', jobType: 'miner', tags: ['5Mine'], config: { profile: 'practice' } },
};
const row = (seq: number) => ({
  ...({ kind: 'step', seq, atMs: 1_000 * seq, round: null, step: seq + 1, loss: 8.5 - seq / 4 } as const),
  ...{ lr: null, innerStep: null, gradNorm: null, tokens: 0, stepMs: 0 },
});
const first = await openWandbRun(options, access, never);
await first.append(access, [row(0), row(1)], never);
await first.finish(access, never);
const again = await openWandbRun(options, access, never);
console.log('ours: resumes behind', again.lastSeq);
await again.append(access, [row(2)], never);
await again.finish(access, never);

/** What does not depend on times, and on what only one of them logs. */
const plain = ({ displayName, tags, config, history, isComplete }: FakeRun) => ({
  ...{ displayName, tags, profile: config.profile, isComplete },
  metrics: (config._wandb as { value?: { m?: unknown } } | undefined)?.value?.m,
  history: history.map((line) => {
    const { _step, 'train/total_step': step, 'train/loss': loss } = JSON.parse(line);
    return { _step, step, loss };
  }),
});
console.log('asked by the official client:', theirs.join(', '));
for (const run of wandb.runs.values()) console.log(run.id, JSON.stringify(plain(run), null, 1));
/** Both resumed once: lines that stand behind one another, numbered on. */
const goOn = [...wandb.runs.values()].every(({ history }) =>
  history.every((line, at) => JSON.parse(line)._step === at),
);
console.log(
  goOn ? 'both go on where they stood' : 'NOT ALIKE: a run began again where it should have gone on',
);
process.exitCode = goOn ? 0 : 1;
await wandb.close();
if (!process.env.KEEP) await rm(folder, { recursive: true, force: true });
