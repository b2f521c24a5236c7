import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunLogRow } from '../../../../src-shared/run-logs/row.ts';
import { standingOf } from '../../../../src-worker/publish/run-logs/wandb/resume.ts';
import { openWandbRun, type WandbRun } from '../../../../src-worker/publish/run-logs/wandb/run.ts';
import { type FakeFault, type FakeWandb, startFakeWandb } from '../../../fakes/fake-wandb.ts';
import { runs } from '../../../runs.ts';
import { exampleRows } from './example-rows.ts';

const KEY = 'key-of-the-user';
const never = new AbortController().signal;
let wandb: FakeWandb;

beforeEach(async () => {
  wandb = await startFakeWandb({ [KEY]: 'team' });
});
afterEach(() => wandb.close());

const by = () => ({ baseUrl: wandb.url, apiKey: KEY });
const open = (more: Partial<Parameters<typeof openWandbRun>[0]> = {}, apiKey = KEY): Promise<WandbRun> =>
  openWandbRun(
    {
      ...{ entity: null, project: 'runs_miners', runId: 'm007_5mine_1' },
      ...{
        logId: 'a1',
        hotkey: '5Mine',
        startedMs: 1_790_000_000_000,
        displayName: 'M007',
        jobType: 'miner',
      },
      ...{ tags: ['5Mine', '1.0'], config: { profile: 'practice' } },
      ...more,
    },
    { baseUrl: wandb.url, apiKey },
    never,
  );

const row = (seq: number): RunLogRow => ({
  ...{ kind: 'step', seq, atMs: 1_790_000_000_000 + seq * 1_000, round: 0, step: seq, loss: 3, lr: 0.5 },
  ...{ innerStep: null, gradNorm: 1, tokens: 8, stepMs: 2 },
});
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => row(from + at));
const there = () => [...wandb.runs.values()][0];
const steps = () => there()?.history.map((line) => JSON.parse(line)._step);

it('tells who it is, what is configured, and each row as a line', async () => {
  const run = await open();
  expect(run.lastSeq).toBe(-1);
  await run.append(by(), exampleRows, never);
  expect(there()).toMatchObject({
    ...{
      entity: 'team',
      project: 'runs_miners',
      id: 'm007_5mine_1',
      displayName: 'M007',
      tags: ['5Mine', '1.0'],
    },
    config: { profile: { value: 'practice' }, butterfly_log: { value: { id: 'a1', base_step: 0 } } },
  });
  expect(JSON.parse(there()?.history[1] ?? '')).toEqual({
    ...{ _step: 1, _timestamp: 1_790_000_001, _runtime: 1, 'train/total_step': 1, 'train/outer_step': 0 },
    ...{ 'train/loss': 8.5, 'train/learning_rate': 0.5, 'train/gradient_norm': 1.25 },
    'train/tokens_per_second': 4_000,
  });
  expect(JSON.parse(there()?.summary ?? '')).toMatchObject({
    _step: 7,
    'train/loss': 8.5,
    'scores/total': 0.75,
  });
  expect(run.url).toBe(`${wandb.url}/team/runs_miners/runs/m007_5mine_1`);
  expect(run.lastSeq).toBe(7);
});

it('goes on where the server stands, with the summary of before', async () => {
  await (await open()).append(by(), [...exampleRows], never);
  const again = await open();
  expect(again.lastSeq).toBe(7);
  await again.append(by(), rows(5, 10), never);
  expect(steps()).toEqual([0, 1, 3, 4, 5, 6, 7, 8, 9]);
  expect(JSON.parse(there()?.summary ?? '')).toMatchObject({
    _step: 9,
    'train/loss': 3,
    'scores/total': 0.75,
  });
});

it('rows of another numbering go on behind the last step', async () => {
  await (await open()).append(by(), rows(0, 5), never);
  const other = await open({ logId: 'b2' });
  expect(other.lastSeq).toBe(-1);
  await other.append(by(), rows(0, 2), never);
  expect((await open({ logId: 'b2' })).lastSeq).toBe(1);
  expect(steps()).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

it('what the server lost is told again from there', async () => {
  const run = await open();
  await run.append(by(), rows(0, 5), never);
  there()?.history.splice(2);
  const again = await open();
  await again.append(by(), rows(again.lastSeq + 1, 6), never);
  expect(steps()).toEqual([0, 1, 2, 3, 4, 5]);
});

it.each<[FakeFault, string]>([
  [400, 'WANDB_REFUSED'],
  [401, 'WANDB_KEY_REFUSED'],
  [403, 'WANDB_FORBIDDEN'],
  [404, 'WANDB_REFUSED'],
  [409, 'WANDB_REFUSED'],
  [410, 'WANDB_REFUSED'],
  [429, 'WANDB_BUSY'],
  [500, 'WANDB_BUSY'],
  [503, 'WANDB_BUSY'],
  [302, 'WANDB_REFUSED'],
  ['drop-before', 'WANDB_UNREACHABLE'],
  ['garbage', 'WANDB_ANSWER_ODD'],
])('an answer of %s is %s, and the rows can be sent again', async (fault, code) => {
  const run = await open();
  wandb.fail('file_stream', fault);
  await expect(run.append(by(), rows(0, 3), never)).rejects.toMatchObject({ code });
  expect(run.lastSeq).toBe(-1);
  await run.append(by(), rows(0, 3), never);
  expect(steps()).toEqual([0, 1, 2]);
});

it('what was taken without an answer is not doubled when it is sent again', async () => {
  const run = await open();
  wandb.fail('file_stream', 'drop-after');
  await expect(run.append(by(), rows(0, 3), never)).rejects.toMatchObject({ code: 'WANDB_UNREACHABLE' });
  await run.append(by(), rows(0, 5), never);
  expect(steps()).toEqual([0, 1, 2, 3, 4]);
});

it('a key that nobody has is refused, and stands in no error', async () => {
  const refused = await open({}, 'canary-0f1e2d').catch((error) => error);
  expect(refused).toMatchObject({ code: 'WANDB_KEY_REFUSED' });
  expect(JSON.stringify(refused) + refused.stack).not.toContain('canary-0f1e2d');
});

it('the key goes where it belongs, and not behind another address', async () => {
  const run = await open();
  await run.append(by(), rows(0, 1), never);
  const expected = `Basic ${Buffer.from(`api:${KEY}`).toString('base64')}`;
  expect(wandb.requests.map(({ what }) => what)).toEqual([
    ...['Viewer', 'RunResumeStatus', 'UpsertBucket', 'file_stream'],
  ]);
  expect(new Set(wandb.requests.map(({ authorization }) => authorization))).toEqual(new Set([expected]));
  expect(JSON.stringify([...wandb.runs.values()])).not.toContain(KEY);
});

it('hears that somebody pressed Stop, says that it lives, and that it is over', async () => {
  const run = await open();
  await run.append(by(), [], never);
  expect(run.isStopped).toBe(false);
  wandb.stopRun('m007_5mine_1');
  await run.append(by(), [], never);
  expect(run.isStopped).toBe(true);
  expect(there()?.history).toEqual([]);
  await run.finish(by(), never);
  expect(there()?.isComplete).toBe(true);
});

it('a server that counts lines and shows none is not trusted', () => {
  const found = { historyLineCount: 3, summaryMetrics: null, config: null };
  for (const historyTail of [null, '', '[]', '["{"]', '["{}"]', '[1]', '["{\\"_step\\":-1}"]'])
    expect(standingOf({ ...found, historyTail }, 'a1')).toBeNull();
});

it('whatever a server says of a run is taken or refused, never thrown over', () => {
  const anything = fc.oneof(fc.json(), fc.string(), fc.constant(null));
  fc.assert(
    fc.property(
      fc.nat(9),
      anything,
      anything,
      anything,
      (historyLineCount, historyTail, summaryMetrics, config) => {
        const standing = standingOf({ historyLineCount, historyTail, summaryMetrics, config }, 'a1');
        if (standing) expect(standing.lastSeq).toBeGreaterThanOrEqual(-1);
      },
    ),
  );
});

it('wherever it is killed and whatever answers are lost, every row is there once, in order', async () => {
  const happening = fc.constantFrom<FakeFault | 'kill' | 'sent'>(
    'kill',
    'sent',
    'drop-before',
    'drop-after',
    503,
    429,
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(happening, fc.integer({ min: 1, max: 4 })), { maxLength: 14 }),
      async (story) => {
        await wandb.close();
        wandb = await startFakeWandb({ [KEY]: 'team' });
        let run = await open();
        for (const [what, count] of story) {
          if (what === 'kill') run = await open();
          else {
            if (what !== 'sent') wandb.fail('file_stream', what);
            const next = rows(run.lastSeq + 1, run.lastSeq + 1 + count);
            await run.append(by(), next, never).catch(() => undefined);
          }
        }
        run = await open();
        const last = Math.max(10, run.lastSeq + 1);
        await run.append(by(), rows(run.lastSeq + 1, last + 1), never);
        expect(steps()).toEqual(Array.from({ length: last + 1 }, (_, at) => at));
      },
    ),
    { numRuns: runs(60, 400) },
  );
});
