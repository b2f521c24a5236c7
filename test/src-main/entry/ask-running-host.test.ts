import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askRunningHost } from '../../../src-main/entry/ask-running-host.ts';
import { openControlDoor } from '../../../src-main/shells/control/control-door.ts';
import { emptyRun } from '../../../src-shared/contract/page/sections.ts';
import { hex } from '../../../src-shared/units.ts';
import { emptyView, fakeHost } from '../../fakes/host-api.ts';

const A = '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV';
const run = emptyRun({
  ...{ profile: 'practice', profileHash: hex('00'), netuid: 2, role: 'miner', mark: 'PRACTICE' },
  ...{ startedAtMs: 0, network: 'practice', controls: ['pause'], continuesAtRound: null },
});
let dataDir = '';
let door: Awaited<ReturnType<typeof openControlDoor>>;
let out = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'butterfly-asking-'));
  const host = fakeHost({ view: async () => ({ ...emptyView, runs: { [A]: run } }) });
  door = await openControlDoor({ api: host.api, dataDir, stop: () => void door.stop(), onProblem: () => {} });
  out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await door.stop();
  await rm(dataDir, { recursive: true, force: true });
});

describe('a host that is told something', () => {
  it('answers a script with where each run stands afterwards', async () => {
    const said = { run: null, json: true, dataDir };
    await askRunningHost({ name: 'pause', said: { ...said, minutes: 5 } });
    expect(JSON.parse(out)).toMatchObject({ pid: process.pid, runs: [{ hotkey: A }] });
    out = '';
    await askRunningHost({ name: 'resume', said: { ...said, anyway: null } });
    expect(JSON.parse(out)).toMatchObject({ runs: [{ hotkey: A }] });
  });

  it('answers a person in a sentence', async () => {
    const said = { run: null, json: false, dataDir };
    await askRunningHost({ name: 'pause', said: { ...said, minutes: 5 } });
    await askRunningHost({ name: 'resume', said: { ...said, anyway: null } });
    expect(out).toBe('Paused for 5 minutes.\nTraining goes on.\n');
    await askRunningHost({ name: 'status', said: { json: false, dataDir } });
    expect(out).toContain('ROUND');
  });
});
