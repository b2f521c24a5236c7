import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  askDispute,
  askDisputeCheck,
  askFor,
  askStatus,
  askView,
  askWeights,
} from '../../../../src-main/shells/control/ask-host.ts';
import { openControlDoor } from '../../../../src-main/shells/control/control-door.ts';
import { controlPlace } from '../../../../src-main/shells/control/place.ts';
import { disputeText, weightsText } from '../../../../src-main/shells/control/weights-text.ts';
import { CONTROL_VIEW_CHARS } from '../../../../src-main/shells/limits.ts';
import type { RunFacts } from '../../../../src-shared/contract/page/runs.ts';
import { emptyRun, type View } from '../../../../src-shared/contract/page/sections.ts';
import type { WeightsPlan } from '../../../../src-shared/contract/page/weights-plan.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { alphaRao, hex, type Ss58 } from '../../../../src-shared/units.ts';
import { emptyView, type FakeHost, fakeHost } from '../../../fakes/host-api.ts';

const A = '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV' as Ss58;
const B = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' as Ss58;

const facts: RunFacts = {
  profile: 'practice',
  profileHash: hex('00'),
  netuid: 2,
  role: 'miner',
  mark: 'PRACTICE',
  startedAtMs: 0,
  network: 'practice',
  controls: ['pause'],
  continuesAtRound: null,
};
const earnings = { todayRao: null, lastEpoch: null, epochs: [], nextEpochBlock: null };
const view: View = {
  ...emptyView,
  runs: {
    [A]: {
      ...emptyRun(facts),
      worker: { kind: 'training' },
      heldOut: [{ round: 3, loss: 5.5, atMs: 0 }],
      earnings: { ...earnings, todayAlpha: alphaRao(2n ** 63n) },
    },
    [B]: { ...emptyRun(facts), worker: { kind: 'paused', reason: 'user', untilMs: 5 } },
  },
};

let folder = '';
let host: FakeHost;
let door: { stop(): Promise<void> };
let stops = 0;
const raw: Socket[] = [];

async function open(overrides: Parameters<typeof fakeHost>[0] = {}, dataDir = folder): Promise<void> {
  host = fakeHost({ view: async () => view, ...overrides });
  door = await openControlDoor({ api: host.api, dataDir, stop: () => void stops++, onProblem: () => {} });
}

beforeEach(async () => {
  stops = 0;
  folder = await mkdtemp(join(tmpdir(), 'butterfly-control-'));
});
afterEach(async () => {
  for (const socket of raw.splice(0)) socket.destroy();
  await door.stop();
  await rm(folder, { recursive: true });
});

/** Says something raw, and hears all that comes until the other side ends. */
function say(text: string | Buffer): Promise<string> {
  const socket = connect(controlPlace(folder));
  raw.push(socket);
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  socket.on('error', () => {});
  socket.on('connect', () => socket.write(text));
  return new Promise((resolve) => socket.on('close', () => resolve(heard)));
}

describe('the control door', () => {
  it('tells a support bundle how it goes, and nothing of accounts and pay', async () => {
    const many = Array.from({ length: 200 }, (_, round) => ({
      ...{ round, outcome: 'committed' as const, members: 2, contributed: true, bytes: 1, durationMs: null },
      ...{ heldOutLoss: null, endedAtMs: null, edges: [], group: [], reason: null },
    }));
    const runs = {
      [A]: { ...emptyRun(facts), history: many, earnings: { ...earnings, todayAlpha: alphaRao(1n) } },
    };
    await open({ view: async () => ({ ...view, runs, contacts: [] }) });
    const told = JSON.parse(await askView(folder));
    expect(Object.keys(told)).toEqual(expect.arrayContaining(['cards', 'notices', 'house', 'runs']));
    for (const own of ['wallets', 'account', 'contacts', 'signing']) expect(told).not.toHaveProperty(own);
    expect(told.runs[A]).not.toHaveProperty('earnings');
    expect(told.runs[A].history).toHaveLength(20);
  });

  it('names the runs alone where they would be too much to tell', async () => {
    const long = { ...facts, profile: 'x'.repeat(CONTROL_VIEW_CHARS) };
    await open({ view: async () => ({ ...view, runs: { [A]: emptyRun(long) } }) });
    expect(JSON.parse(await askView(folder)).runs).toEqual([A]);
  });

  it('tells where each run stands, unknown as unknown, money to the last unit', async () => {
    await open();
    const { runs, pid } = await askStatus(folder);
    expect(pid).toBe(process.pid);
    expect(runs).toMatchObject([
      {
        hotkey: A,
        state: 'training',
        round: null,
        loss: null,
        heldOutLoss: 5.5,
        todayAlphaRao: `${2n ** 63n}`,
      },
      { hotkey: B, state: 'paused', pausedUntilMs: 5, todayAlphaRao: null },
    ]);
  });

  it('leads a run over to the one that follows it, named by its whole hash', async () => {
    const followRun = vi.fn(async () => undefined);
    await open({ followRun });
    await askFor(folder, { verb: 'follow', run: A, hash: hex('ab'.repeat(32)) });
    expect(followRun).toHaveBeenCalledWith(A, 'ab'.repeat(32));
    expect(await say('{"verb":"follow","run":null,"hash":"abcd"}\n')).toContain('RPC_MALFORMED');
  });

  it('shows what a validator would set, and of no other run', async () => {
    const row = { uid: 3, hotkey: A, weight: 65_535, share: 1, before: 0.25 };
    const plan: WeightsPlan = {
      block: 60,
      held: { code: 'too-soon', params: { block: 66 } },
      rows: [row],
      versionKey: 0,
      isHidden: false,
      lastUpdate: 60,
      inactiveFrom: 5_061,
    };
    await open({ weightsPlan: async (id) => (id === B ? plan : null) });
    const runs = await askWeights(folder, null);
    expect(runs).toEqual([{ hotkey: B, network: 'practice', plan }]);
    expect(
      weightsText(runs)
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['5Grwva…utQY on practice, at block 60: nothing was sent'],
      ['The chain takes none before block 66.'],
      ['The last are of block 60 and count until block 5061.'],
      [''],
      ['UID', 'HOTKEY', 'WEIGHT', 'SHARE', 'BEFORE'],
      ['3', '5DfhGy…qRzV', '65535', '100.00 %', '25.00 %'],
    ]);
    await expect(askWeights(folder, A)).rejects.toMatchObject({ code: 'NO_VALIDATOR' });
  });

  it('has a dispute file checked, and one written of the run that is named', async () => {
    const finding = { validator: B, round: 4, sum: 'right', receipts: 'agree', kept: 'same' } as const;
    const checked = { hotkey: A, writtenAtMs: 0, receipts: 2, findings: [finding] };
    const seen: string[] = [];
    await open({
      async checkDispute(text) {
        seen.push(text);
        return checked;
      },
      async writeDispute(id) {
        return { name: 'x', text: `of ${id}` };
      },
    });
    const path = join(folder, 'file.txt');
    await writeFile(path, 'a file');
    expect(await askDisputeCheck(folder, path)).toEqual(checked);
    expect(seen).toEqual(['a file']);
    expect(disputeText(checked)).toContain('5Grwva…utQY  4      right  agree     same');
    await expect(askDisputeCheck(folder, join(folder, 'none'))).rejects.toMatchObject({
      code: 'DISPUTE_MALFORMED',
    });
    await writeFile(path, 'x'.repeat(500_000));
    await expect(askDisputeCheck(folder, path)).rejects.toMatchObject({ code: 'DISPUTE_MALFORMED' });
    expect(await askDispute(folder, B)).toBe(`of ${B}`);
    // Of two miners one has to be named.
    await expect(askDispute(folder, null)).rejects.toMatchObject({ code: 'NO_RUN' });
  });

  it('pauses and resumes one run, or all', async () => {
    await open();
    await askFor(folder, { verb: 'pause', run: A, minutes: 5 });
    await askFor(folder, { verb: 'resume', run: null, anywayMinutes: 90 });
    expect(host.asked).toEqual([`pauseRun ${A} 5`, 'setHouseAside 90', `resumeRun ${A}`, `resumeRun ${B}`]);
  });

  it('hands on what the host refuses, as a code', async () => {
    await open({
      resumeRun: async () => {
        throw new AppError('NOT_NOW', { what: 'x', state: 'idle' });
      },
    });
    await expect(askFor(folder, { verb: 'resume', run: A, anywayMinutes: null })).rejects.toMatchObject({
      code: 'NOT_NOW',
      params: { what: 'x', state: 'idle' },
    });
  });

  it('knows no run that is not there', async () => {
    await open();
    const absent = A.replace('5D', '5E');
    await expect(askFor(folder, { verb: 'pause', run: absent, minutes: null })).rejects.toMatchObject({
      code: 'NO_RUN',
    });
    expect(host.asked).toEqual([]);
  });

  it('asks for a stop, and the connection of who did lasts until the program ends', async () => {
    await open();
    let ended = false;
    const stopped = askFor(folder, { verb: 'stop' }).finally(() => {
      ended = true;
    });
    stopped.catch(() => {});
    await expect.poll(() => stops).toBe(1);
    await door.stop();
    expect(ended).toBe(false);
  });

  it('is a socket for this user alone, with nothing left beside it', async () => {
    await open();
    if (process.platform !== 'win32') expect((await stat(controlPlace(folder))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['control.sock']);
    await door.stop();
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes the place of what a killed host left there', async () => {
    await writeFile(controlPlace(folder), '');
    await expect(askStatus(folder)).rejects.toMatchObject({ code: 'HOST_NOT_RUNNING' });
    await open();
    expect((await askStatus(folder)).runs).toHaveLength(2);
  });

  it('of a folder whose path is too long for a socket lies elsewhere, for this user alone too', async () => {
    const long = join(folder, 'a'.repeat(120));
    await open({}, long);
    expect((await askStatus(long)).runs).toHaveLength(2);
    expect(controlPlace(long).length).toBeLessThan(100);
  });

  it.each([
    ['no JSON', 'pause\n'],
    ['another verb', '{"verb":"quit"}\n'],
    ['a word too many', '{"verb":"stop","now":true}\n'],
    ['a property of every object', '{"verb":"constructor"}\n'],
    ['an amount of time without end', '{"verb":"pause","run":null,"minutes":1e9}\n'],
    ['a run that is no address', '{"verb":"resume","run":"../x"}\n'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x0a])],
    ['a line that does not end', 'x'.repeat(2_000)],
    ['a line that is too long', `{"verb":"status"${' '.repeat(2_000)}}\n`],
  ])('refuses %s, and reaches nothing by it', async (_title, text) => {
    await open();
    expect(JSON.parse(await say(text))).toMatchObject({ kind: 'refused', error: { code: 'RPC_MALFORMED' } });
    expect(host.asked).toEqual([]);
    expect(stops).toBe(0);
  });

  it('answers one line of a flood and reads no further', async () => {
    await open();
    const heard = await say('{"verb":"resume","run":null}\n'.repeat(20_000));
    expect(heard.split('\n').filter(Boolean)).toEqual(['{"kind":"done"}']);
    expect(host.asked).toHaveLength(2);
  });

  it('lets go of who says nothing, so that others come in', { timeout: 20_000 }, async () => {
    await open();
    const silent = Array.from({ length: 8 }, () => say(''));
    await Promise.all(silent);
    expect((await askStatus(folder)).runs).toHaveLength(2);
  });
});

describe('asking where nobody runs', () => {
  it('says so', async () => {
    await open();
    await expect(askStatus(join(folder, 'absent'))).rejects.toMatchObject({ code: 'HOST_NOT_RUNNING' });
  });
});
