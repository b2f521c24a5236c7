import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRunLogs, type RunLogs } from '../../../../src-main/publishing/run-logs/run-logs.ts';
import { type SharedPublish, sharePublish } from '../../../../src-main/publishing/shared-publish.ts';
import { openStore, type Store } from '../../../../src-main/store/store.ts';
import { listeners } from '../../../../src-node/listeners.ts';
import type { RunLogState } from '../../../../src-shared/contract/page/run-logs.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { defaultSettings, type SettingId, type SettingValues } from '../../../../src-shared/settings.ts';
import { hex, ss58 } from '../../../../src-shared/units.ts';
import { type FakeWandb, startFakeWandb } from '../../../fakes/fake-wandb.ts';
import { soon } from '../../../soon.ts';

/** A key that is found wherever it stands. */
const CANARY = 'canary-4f1c9a7e2b-of-weights-and-biases';
const hotkey = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');

let home = '';
let store: Store;
let publish: SharedPublish;
let wandb: FakeWandb;
let logs: RunLogs;
let key: string | null;
let values: SettingValues;
let runId = 0;
const said: string[] = [];
const changes = listeners<{ change: SettingId }>();
const life = new AbortController();

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'butterfly-run-logs-'));
  said.length = 0;
  key = CANARY;
  wandb = await startFakeWandb({ [CANARY]: 'team' });
  store = await openStore({
    dataDir: home,
    onProblem: (p) => said.push(String(p)),
    onRecovered: () => undefined,
  });
  publish = sharePublish({
    ...{ dataDir: home, extraEnv: {}, onGaveUp: (error) => said.push(String(error)) },
    notices: { notice: (error) => said.push(JSON.stringify(error)), clearNotice: () => undefined },
    log: (line) => said.push(line),
  });
  values = { ...defaultSettings, 'logs.wandbUrl': wandb.url };
  logs = openRunLogs({
    ...{ store: store.runLog, publish, log: (line) => said.push(line), signal: life.signal },
    settings: {
      get values() {
        return values;
      },
      onChange: (listener) => changes.on('change', listener),
    },
    eventsRoot: () => join(home, 'events'),
    async keyOf() {
      if (key === null) throw new AppError('WANDB_NO_KEY');
      return key;
    },
  });
  runId = await store.startRun({
    ...{ profile: 'practice', profileHash: hex('ab'.repeat(32)), netuid: 38, hotkey, coldkey: hotkey },
    ...{ role: 'miner', startedMs: 1_000, appVersion: '1' },
  });
});
afterEach(async () => {
  await logs.stop();
  await publish.stop();
  await store.stop();
  await wandb.close();
  await rm(home, { recursive: true });
});

function choose(chosen: Partial<SettingValues>): void {
  values = { ...values, ...chosen };
  for (const id of Object.keys(chosen)) changes.emit('change', id as SettingId);
}
const write = (from: number, to: number) => {
  for (let step = from; step < to; step++)
    store.add('step', {
      ...{ runId, step, round: 0, innerStep: 0, atMs: 1_000 + step, loss: 3, lr: 1, gradNorm: 1, tokens: 8 },
      stepMs: 2,
    });
};
let states: readonly RunLogState[] = [];
const begin = () =>
  logs.begin(
    {
      ...{
        storeId: runId,
        startedMs: 1_000,
        hotkey,
        uid: 7,
        peerId: '12D3Koo',
        role: 'miner',
        profile: 'practice',
        netuid: 38,
      },
      ...{ profileHash: 'ab'.repeat(32), network: 'test', appVersion: '1', model: { layers: 2 } },
    },
    {
      told(now) {
        states = now;
      },
      stopped: () => undefined,
    },
  );
const steps = () => [...wandb.runs.values()][0]?.history.map((line) => JSON.parse(line)['train/total_step']);

describe('runs told to other programs', () => {
  it('are told to nobody until a setting says so', async () => {
    write(0, 3);
    const end = begin();
    await store.flush();
    expect(states).toEqual([]);
    await end();
    expect(wandb.requests).toEqual([]);
    expect(await readdir(home)).not.toContain('events');
  });

  it('are told from their first row on once it is turned on, and no more once it is off', async () => {
    write(0, 3);
    begin();
    choose({ 'logs.wandb': true });
    await soon(() => expect(steps()).toEqual([0, 1, 2]));
    expect([...wandb.runs.values()][0]).toMatchObject({
      ...{ entity: 'team', project: 'distributed_training_miners', displayName: 'M007' },
      id: `m007_${hotkey.toLowerCase()}_abababab`,
      tags: ['12D3Koo', '1', hotkey, 'abababab', 'test'],
      config: { 'model.layers': { value: 2 }, hotkey: { value: hotkey } },
    });
    write(3, 5);
    choose({ 'logs.wandb': false });
    // What was there is told before it ends.
    await soon(() => expect([...wandb.runs.values()][0]?.isComplete).toBe(true));
    expect(steps()).toEqual([0, 1, 2, 3, 4]);
    expect(states).toEqual([]);
  });

  it('wait for a key, and go on at once when one comes', async () => {
    key = null;
    write(0, 2);
    begin();
    choose({ 'logs.wandb': true });
    await soon(() => expect(states[0]?.problem?.code).toBe('WANDB_NO_KEY'));
    expect(states[0]?.pendingRows).toBe(2);
    key = CANARY;
    logs.keyChanged();
    await soon(() => expect(steps()).toEqual([0, 1]));
    await soon(() => expect(states[0]).toMatchObject({ problem: null, pendingRows: 0, lastSeq: 1 }));
  });

  it('go on behind what stands there when the process that tells them was killed', async () => {
    write(0, 4);
    begin();
    choose({ 'logs.wandb': true, 'logs.tensorBoard': true });
    await soon(() => expect(states.map(({ lastSeq }) => lastSeq)).toEqual([3, 3]));
    wandb.fail('file_stream', 'drop-after');
    write(4, 8);
    logs.keyChanged();
    await soon(() => expect(states.find(({ kind }) => kind === 'wandb')?.failures).toBe(1));
    logs.keyChanged();
    await soon(() => expect(states.map(({ lastSeq }) => lastSeq)).toEqual([7, 7]));
    expect(steps()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('begin again before a gap where the service lost rows', async () => {
    write(0, 4);
    begin();
    choose({ 'logs.wandb': true });
    await soon(() => expect(states[0]?.lastSeq).toBe(3));
    [...wandb.runs.values()][0]?.history.splice(2);
    wandb.fail('file_stream', 503);
    write(4, 6);
    logs.keyChanged();
    await soon(() => expect(states[0]?.failures).toBe(1));
    logs.keyChanged();
    await soon(() => expect(steps()).toEqual([0, 1, 2, 3, 4, 5]));
  });

  it('stand whole in a folder that somebody cleared meanwhile', async () => {
    write(0, 3);
    begin();
    choose({ 'logs.tensorBoard': true });
    await soon(() => expect(states[0]?.lastSeq).toBe(2));
    const folder = states[0]?.place ?? '';
    const [name = ''] = (await readdir(folder)).filter((file) => file.includes('tfevents'));
    const before = await readFile(join(folder, name));
    await rm(folder, { recursive: true });
    write(3, 5);
    logs.keyChanged();
    await soon(async () => {
      const [again = ''] = (await readdir(folder)).filter((file) => file.includes('tfevents'));
      expect((await readFile(join(folder, again))).length).toBeGreaterThan(before.length);
    });
  });

  it('try a key at the service itself', async () => {
    expect(await logs.testKey()).toEqual({ entity: 'team' });
    key = 'wrong';
    await expect(logs.testKey()).rejects.toMatchObject({ code: 'WANDB_KEY_REFUSED' });
  });

  it('leave the key nowhere: not in files, in what is logged or told, or in what is sent beside its header', async () => {
    write(0, 3);
    begin();
    choose({ 'logs.wandb': true, 'logs.tensorBoard': true });
    wandb.fail('graphql', 500, 'garbage', 403);
    for (let n = 0; n < 4; n++) {
      const before = states.find(({ kind }) => kind === 'wandb')?.failures ?? 0;
      logs.keyChanged();
      await soon(() =>
        expect(
          (states.find(({ kind }) => kind === 'wandb')?.failures ?? 0) !== before || steps()?.length === 3,
        ).toBe(true),
      );
    }
    await soon(() => expect(steps()).toEqual([0, 1, 2]));
    await logs.stop();
    await publish.stop();
    await store.flush();
    const encoded = Buffer.from(`api:${CANARY}`).toString('base64');
    const told = [...said, JSON.stringify(states), JSON.stringify([...wandb.runs.values()])].join('\n');
    for (const form of [CANARY, encoded]) expect(told).not.toContain(form);
    expect(wandb.requests.every(({ authorization }) => authorization === `Basic ${encoded}`)).toBe(true);
    for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const bytes = await readFile(join(entry.parentPath, entry.name));
      for (const form of [CANARY, encoded]) expect(bytes.includes(form)).toBe(false);
    }
  });
});
