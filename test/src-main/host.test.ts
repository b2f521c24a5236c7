import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type HostConfig, startHost } from '../../src-main/host.ts';
import { openStore } from '../../src-main/store/store.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'host-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const config: Omit<HostConfig, 'dataDir'> = {
  shell: 'web',
  adversary: null,
  extraEnv: {},
  echoLog: false,
  askToEnd: () => undefined,
};

it('keeps what it told its user for the time after its end', async () => {
  await writeFile(join(dataDir, 'settings.json'), '{');
  const host = await startHost({ ...config, dataDir });
  await host.stop();
  const problems: unknown[] = [];
  const store = await openStore({
    dataDir,
    onProblem: (problem) => problems.push(problem),
    onRecovered: () => undefined,
  });
  const events = await store.events(0, 10);
  await store.stop();
  expect(events).toMatchObject([{ code: 'SETTINGS_CORRUPT', level: 'attention', source: 'host' }]);
  expect(problems).toEqual([]);
});
