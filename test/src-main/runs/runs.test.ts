import { expect, it, vi } from 'vitest';
import { NOTHING_PAID } from '../../../src-main/runs/joined.ts';
import type { KeptRun } from '../../../src-main/runs/kept-runs.ts';
import type { RunPlan } from '../../../src-main/runs/plan.ts';
import { openRuns, type Runs } from '../../../src-main/runs/runs.ts';
import type { DurableJson } from '../../../src-node/durable-json.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { ss58 } from '../../../src-shared/units.ts';
import { soon } from '../../soon.ts';

const id = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const planThat = (begin: RunPlan['begin']): RunPlan =>
  ({ id, facts: { controls: [] }, waitsForChain: true, begin }) as unknown as RunPlan;
const wanted = { id, origin: { kind: 'practice' }, stoppedAtMs: null, pause: null, facts: {} };

/** What is on disk is what the next host would read. */
async function runsWith(
  planOf: () => Promise<RunPlan>,
  { kept = [], write = async () => undefined }: { kept?: object[]; write?: () => Promise<void> } = {},
): Promise<{ readonly runs: Runs; readonly disk: () => readonly KeptRun[]; end(): Promise<void> }> {
  const ending = new AbortController();
  let disk = kept as readonly KeptRun[];
  const file = {
    read: async () => disk,
    write: (next: readonly KeptRun[]) => {
      disk = next;
      return write();
    },
  } as unknown as DurableJson<readonly KeptRun[]>;
  const runs = await openRuns({
    ...{ file, planOf, folderOf: () => '/nowhere' },
    ...{ log: () => undefined, signal: ending.signal },
  });
  const end = () => {
    ending.abort();
    return runs.stop();
  };
  return { runs, disk: () => disk, end };
}

it('tells a run that fails at once as begun and then as failed, however slow the disk is', async () => {
  const disk = Promise.withResolvers<void>();
  const plan = planThat(() => Promise.reject(new AppError('NETWORK_NAME_TAKEN', { name: 'finney' })));
  const { runs } = await runsWith(async () => plan, { write: () => disk.promise });
  const told: string[] = [];
  runs.on('begun', () => told.push('begun'));
  runs.on('failed', () => told.push('failed'));
  const starting = runs.start({ kind: 'practice' }, NOTHING_PAID);
  await soon(() => expect(told).toContain('failed'));
  disk.resolve();
  await starting;
  expect(told).toEqual(['begun', 'failed']);
});

it('keeps a run wanted that a silent chain keeps from beginning, and stops it when asked', async () => {
  const plan = planThat(() => Promise.reject(new AppError('CHAIN_UNREACHABLE', { endpoint: 'wss://a' })));
  const first = await runsWith(async () => plan, { kept: [wanted] });
  await first.runs.goOn();
  await soon(() => expect(first.runs.get(id).held).toMatchObject({ kind: 'waiting' }));
  await first.end();
  expect(first.disk()).toMatchObject([{ id, stoppedAtMs: null }]);

  const second = await runsWith(async () => plan, { kept: [wanted] });
  await second.runs.goOn();
  await second.runs.end(id, 'now');
  expect(second.disk()).toMatchObject([{ id, stoppedAtMs: expect.any(Number) }]);
});

it('tells of a run whose keys cannot be read at a restart, and starts it again when they can', async () => {
  const error = new AppError('KEYS_FOLDER_WITHOUT_KEYS', { path: '/mnt/keys' });
  const working = planThat(() => new Promise(() => undefined));
  const planOf = vi.fn<() => Promise<RunPlan>>().mockRejectedValueOnce(error).mockResolvedValue(working);
  const { runs } = await runsWith(planOf, { kept: [wanted] });
  const failed = vi.fn();
  runs.on('failed', failed);
  await runs.goOn();
  expect(failed).toHaveBeenCalledWith({ id, error });
  expect(runs.stopped).toMatchObject([{ id }]);
  await runs.startAgain(id);
  expect([runs.live.has(id), runs.stopped]).toEqual([true, []]);
});
