import { openRunLogs } from '../../src-main/publishing/run-logs/run-logs.ts';
import { sharePublish } from '../../src-main/publishing/shared-publish.ts';
import { openStore } from '../../src-main/store/store.ts';
import { defaultSettings } from '../../src-shared/settings.ts';
import { hex, ss58 } from '../../src-shared/units.ts';

/**
 * The part of a host that writes down what a run goes through and tells it: store, run logs, `publish`. A program of its
 * own, so that it can be killed.
 *
 *     told-host.ts '{"dataDir":…, "url":…, "rows":…, "hourLater":…, "untilTold":…}'
 *
 * Prints `written` for each row that the store has, `told` each time a target has more of them, and `done` once nothing
 * waits any more.
 */
export interface ToldHostOrder {
  readonly dataDir: string;
  readonly url: string;
  readonly apiKey: string;
  /** Steps that are written, one after the other; then it only tells. */
  readonly rows: number;
  /** Added to the time of each row. */
  readonly laterMs: number;
  /** Ends by itself once everything is told. */
  readonly untilTold: boolean;
}

const ROUND_STEPS = 10;
const order = JSON.parse(process.argv[2] ?? '') as ToldHostOrder;
const fail = (problem: unknown) => {
  console.error(problem);
  process.exitCode = 1;
};

const store = await openStore({ dataDir: order.dataDir, onProblem: fail, onRecovered: () => undefined });
const publish = sharePublish({
  ...{ dataDir: order.dataDir, extraEnv: {}, onGaveUp: fail },
  notices: { notice: (error) => console.log(`notice ${error.code}`), clearNotice: () => undefined },
  log: () => undefined,
});
const run = { profile: 'bench', profileHash: hex('ab'.repeat(32)), netuid: 38, role: 'miner' } as const;
const hotkey = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const storeId = await store.startRun({
  ...{ ...run, hotkey, coldkey: hotkey, startedMs: Date.now(), appVersion: '0' },
});
const { startedMs = 0 } = (await store.runLog.runs()).find(({ runId }) => runId === storeId) ?? {};
const logs = openRunLogs({
  store: store.runLog,
  publish,
  settings: {
    values: {
      ...defaultSettings,
      ...{ 'logs.wandb': true, 'logs.wandbUrl': order.url, 'logs.tensorBoard': true },
    },
    onChange: () => () => undefined,
  },
  eventsRoot: () => `${order.dataDir}/tensorboard`,
  keyOf: async () => order.apiKey,
  log: console.error,
  signal: new AbortController().signal,
});

const allTold = Promise.withResolvers<void>();
let lastTold = '';
let isWritten = false;
const end = logs.begin(
  {
    ...run,
    storeId,
    startedMs,
    hotkey,
    uid: 7,
    peerId: 'bench',
    network: 'bench',
    appVersion: '0',
    model: { layers: 2 },
  },
  {
    told(states) {
      const isTold =
        states.length === 2 && states.every(({ pendingRows, place }) => pendingRows === 0 && place);
      if (isWritten && isTold) allTold.resolve();
      const now = states.map(({ lastSeq }) => lastSeq).join(' ');
      if (now !== lastTold) console.log('told');
      lastTold = now;
    },
    stopped: () => undefined,
  },
);

/** What the run before this one came to: a killed one may have written more than it said. */
const before =
  (await store.series(storeId, 'loss', 1)).length === 0 ? 0 : await store.runLog.pending(storeId, -1);
for (let at = 0; at < order.rows; at++) await write(before + at);
isWritten = true;
logs.keyChanged();
if (order.untilTold) {
  const again = setInterval(() => logs.keyChanged(), 100);
  await allTold.promise;
  clearInterval(again);
  await end();
  await logs.stop();
  await publish.stop();
  await store.stop();
  console.log('done');
  process.exit();
}

async function write(at: number): Promise<void> {
  const [atMs, round] = [Date.now() + order.laterMs, Math.floor(at / ROUND_STEPS)];
  const numbers = { loss: 8 / (1 + at), lr: 0.5, gradNorm: 1, tokens: 2_048, stepMs: 3 };
  store.add('step', { runId: storeId, step: at, round, innerStep: at % ROUND_STEPS, atMs, ...numbers });
  if (at % ROUND_STEPS === ROUND_STEPS - 1)
    store.add('round', {
      ...{ runId: storeId, round, startedMs: atMs, endedMs: atMs, outcome: 'committed', members: 3 },
      ...{ contributed: true, bytesSent: 1, bytesReceived: 1, durationMs: 5, heldOutLoss: 7 / (1 + round) },
      ...{ digest: null, reason: null, edgesJson: '[]', groupJson: null },
    });
  await store.flush();
  // Told while it goes on: what is killed is under way then.
  if (at % 7 === 0) logs.keyChanged();
  console.log('written');
}
