import { cp, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { adopt } from '../../../../src-worker/train/state/adopt.ts';
import { contribute, contributed } from '../../../../src-worker/train/state/contribute.ts';
import { namedFiles } from '../../../../src-worker/train/state/current.ts';
import type { DiskWatch } from '../../../../src-worker/train/state/disk.ts';
import { keepLocal } from '../../../../src-worker/train/state/keep.ts';
import { prepare } from '../../../../src-worker/train/state/prepare.ts';
import { settle } from '../../../../src-worker/train/state/settle.ts';
import { bytesOf } from '../../../../src-worker/train/state/vectors.ts';
import type { VectorSource } from '../../../../src-worker/train/vector-source.ts';
import { canWatchFiles, expectDurable, watchFiles } from '../../../file-watch.ts';
import { momentsApart } from '../../../runs.ts';
import { baseOf, whole } from './held.ts';
import {
  digestOf,
  dropRoot,
  ELEMENTS,
  leaveAverage,
  newRoot,
  numbers,
  openRig,
  type Rig,
  ROSTER,
  record,
  update,
} from './rig.ts';

let root: string;
const copies: string[] = [];
beforeEach(async () => {
  root = await newRoot();
});
afterEach(async () => {
  for (const folder of [root, ...copies.splice(0)]) await dropRoot(folder);
});

const asked = { round: 4, codec: 'fp16', medianNorm: 0.1 } as const;
const vector = (values: Float32Array) => digestOf(bytesOf(values));
const stored = async (source: VectorSource | null) => source && vector(await whole(source, ELEMENTS));

/** Everything that the next round depends on. */
const fingerprint = async ({ replica, local }: Rig) => ({
  standing: replica.current.standing,
  settledRound: replica.current.settledRound,
  pending: replica.current.pending && { ...replica.current.pending, frozen: await stored(replica.frozen) },
  base: vector(await baseOf(replica)),
  residue: await stored(replica.residue),
  local: vector(local.parameters),
  moments: vector(local.optimizer.m),
  step: local.optimizer.step,
});

/** The power goes at the k-th change to the disk, and stays away. */
function powerCut(at: number): { watch: DiskWatch; isOff: () => boolean } {
  let count = 0;
  return {
    watch: () => {
      count += 1;
      if (count > at) throw new Error('power cut');
    },
    isOff: () => count > at,
  };
}

/**
 * Runs `act` on copies of `root`, cutting the power at each of its disk steps in turn. After each cut the folder must
 * open in the old state or in the new one, hold no file that nothing names, and reach the new one when asked again.
 */
async function cutEverywhere(
  act: (rig: Rig) => Promise<unknown>,
): Promise<{ cuts: number; seen: Set<string> }> {
  const copy = async () => {
    const folder = await newRoot();
    copies.push(folder);
    await cp(root, folder, { recursive: true });
    return folder;
  };
  const before = await fingerprint(await openRig(await copy()));
  const clean = await copy();
  await act(await openRig(clean));
  const after = await fingerprint(await openRig(clean));

  const seen = new Set<string>();
  for (let cuts = 0; ; cuts += momentsApart(2)) {
    const folder = await copy();
    const rig = await openRig(folder);
    const power = powerCut(cuts);
    const broken = await openRig(folder, power.watch).catch(() => rig);
    await act(broken).catch(() => {});
    if (!power.isOff()) return { cuts, seen };

    const reopened = await openRig(folder);
    const found = await fingerprint(reopened);
    const isNew = JSON.stringify(found) === JSON.stringify(after);
    seen.add(isNew ? 'new' : 'old');
    if (!isNew) expect(found).toEqual(before);
    await expectNoOrphans(reopened);
    await act(reopened);
    expect(await fingerprint(reopened)).toEqual(after);
    expect(await fingerprint(await openRig(folder))).toEqual(after);
  }
}

async function expectNoOrphans({ replica, root: folder }: Rig) {
  const named = new Set([...namedFiles(replica.current), 'CURRENT', 'CURRENT.copy', 'prepared.json']);
  const files = await readdir(join(folder, 'state'));
  const orphans = files.filter((name) => !named.has(name) && !name.startsWith('state-4-'));
  expect(orphans).toEqual([]);
}

/** A replica with something at stake: an earlier commit, a residue, local progress, all of it durable. */
async function throughOneRound(): Promise<Rig> {
  const rig = await openRig(root);
  rig.local.learn(update(1));
  await contribute(rig.replica, { ...asked, round: 3 }, record(3));
  rig.local.learn(update(2));
  await leaveAverage(root, 3, numbers(9, ELEMENTS), [true, false, null, true, true]);
  const { resultId } = await prepare(rig.replica, { round: 3, rosterDigest: ROSTER });
  await settle(rig.replica, { round: 3, outcome: 'committed', resultId, drawn: true, medianNorm: null });
  rig.local.learn(update(3));
  await keepLocal(rig.replica);
  return rig;
}

async function throughContribution(): Promise<Rig> {
  const rig = await throughOneRound();
  await contribute(rig.replica, asked, record(4));
  rig.local.learn(update(4));
  await keepLocal(rig.replica);
  await leaveAverage(root, 4, numbers(10, ELEMENTS), [true, true, false, null, true]);
  return rig;
}

const contributeOnce = async ({ replica }: Rig) =>
  (await contributed(replica, asked)) ?? (await contribute(replica, asked, record(4)));

test('a power cut at any moment of a contribution leaves it made or not made', async () => {
  await throughOneRound();
  const { cuts, seen } = await cutEverywhere(contributeOnce);
  expect(cuts).toBeGreaterThanOrEqual(20);
  expect(seen).toEqual(new Set(['old', 'new']));
});

test('a power cut at any moment of preparing changes nothing that stands', async () => {
  await throughContribution();
  const { cuts, seen } = await cutEverywhere(({ replica }) =>
    prepare(replica, { round: 4, rosterDigest: ROSTER }),
  );
  expect(cuts).toBeGreaterThanOrEqual(8);
  // What lies ready is no part of the state: old and new are the same.
  expect(seen).toEqual(new Set(['new']));
});

test('a power cut at any moment of a commit rebases once or not yet', async () => {
  const { replica } = await throughContribution();
  const { resultId } = await prepare(replica, { round: 4, rosterDigest: ROSTER });
  const { cuts, seen } = await cutEverywhere((rig) =>
    settle(rig.replica, { round: 4, outcome: 'committed', resultId, drawn: true, medianNorm: null }),
  );
  expect(cuts).toBeGreaterThanOrEqual(12);
  expect(seen).toEqual(new Set(['old', 'new']));
});

test('a power cut at any moment of a void round keeps the work', async () => {
  const { replica } = await throughContribution();
  await prepare(replica, { round: 4, rosterDigest: ROSTER });
  const { seen } = await cutEverywhere((rig) =>
    settle(rig.replica, { round: 4, outcome: 'void', resultId: null, drawn: true, medianNorm: null }),
  );
  expect(seen).toEqual(new Set(['old', 'new']));
});

test('a power cut at any moment of an unknown outcome counts the contribution as taken once', async () => {
  await throughContribution();
  const { seen } = await cutEverywhere((rig) =>
    settle(rig.replica, { round: 4, outcome: 'unknown', resultId: null, drawn: true, medianNorm: null }),
  );
  expect(seen).toEqual(new Set(['old', 'new']));
});

test('a power cut at any moment of taking over a state leaves the old one or the new one', async () => {
  const { replica } = await throughContribution();
  const { resultId, baseDigest } = await prepare(replica, { round: 4, rosterDigest: ROSTER });
  const donor = join(root, 'donor.f32');
  const names = await readdir(join(root, 'state'));
  await cp(join(root, 'state', names.find((name) => name.startsWith('state-4-'))!), donor);
  await settle(replica, { round: 4, outcome: 'void', resultId: null, drawn: true, medianNorm: null });
  const { seen } = await cutEverywhere((rig) =>
    adopt(rig.replica, { round: 4, id: resultId, baseDigest, path: donor, committed: [] }),
  );
  expect(seen).toEqual(new Set(['old', 'new']));
});

/** As above, but the process lives: one disk step fails, and the host asks the same process again. */
async function failOnceEverywhere(act: (rig: Rig) => Promise<unknown>): Promise<number> {
  const copy = async () => {
    const folder = await newRoot();
    copies.push(folder);
    await cp(root, folder, { recursive: true });
    return folder;
  };
  const clean = await openRig(await copy());
  await act(clean);
  const after = await fingerprint(clean);
  for (let failing = 0; ; failing += 1) {
    const folder = await copy();
    let count = 0;
    const rig = await openRig(folder, () => {
      count += 1;
      if (count === failing + 1) throw new Error('disk hiccup');
    });
    await act(rig).catch(() => {});
    if (count <= failing) return failing;
    await act(rig);
    expect(await fingerprint(rig)).toEqual(after);
    expect(await fingerprint(await openRig(folder))).toEqual(after);
  }
}

test('a disk step that fails in a contribution does no harm: asked again, the same process makes it', async () => {
  await throughOneRound();
  expect(await failOnceEverywhere(contributeOnce)).toBeGreaterThanOrEqual(20);
});

test('a disk step that fails in a commit does no harm: asked again, the same process commits once', async () => {
  const { replica } = await throughContribution();
  const { resultId } = await prepare(replica, { round: 4, rosterDigest: ROSTER });
  const commit = (rig: Rig) =>
    settle(rig.replica, { round: 4, outcome: 'committed', resultId, drawn: true, medianNorm: null });
  expect(await failOnceEverywhere(commit)).toBeGreaterThanOrEqual(12);
});

test('a contribution whose manifest never came to be is made again with the same root', async () => {
  await throughOneRound();
  const rig = await openRig(root, (step, path) => {
    if (step === 'rename' && path.endsWith('contribution.json')) throw new Error('power cut');
  });
  await expect(contributeOnce(rig)).rejects.toThrow('power cut');
  const reopened = await openRig(root);
  const { pending } = reopened.replica.current;
  expect(await contributed(reopened.replica, asked)).toBeNull();
  expect((await contributeOnce(reopened)).root).toBe(pending!.root);
});

test('a complete contribution is answered again without being made again', async () => {
  const rig = await throughOneRound();
  const first = await contribute(rig.replica, asked, record(4));
  rig.local.learn(update(7));
  const reopened = await openRig(root);
  reopened.local.learn(update(8));
  expect(await contributeOnce(reopened)).toEqual(first);
});

test.runIf(canWatchFiles)(
  'each file of a contribution is on the disk before the next one begins',
  async () => {
    const rig = await throughOneRound();
    const events = await watchFiles();
    await contributeOnce(rig);
    const named = events.flatMap((event, at) => (event.what === 'rename' ? [{ at, path: event.path }] : []));
    const names = named.map(({ path }) => basename(path));
    expect(names).toEqual(expect.arrayContaining(['contribution.bin', 'CURRENT', 'contribution.json']));
    named.forEach(({ path }, n) => {
      expectDurable(events.slice(named[n - 1]?.at ?? 0, named[n + 1]?.at), path);
    });
  },
);

test('what CURRENT names is synced before CURRENT is written, and the manifest comes after both', async () => {
  await throughOneRound();
  const steps: string[] = [];
  const rig = await openRig(root, (step, path) => steps.push(`${step} ${basename(path)}`));
  await contributeOnce(rig);
  const { pending } = rig.replica.current;
  const whole = (name: string) => [`write ${name}`, `sync ${name}`, `rename ${name}`, `sync-folder ${name}`];
  const order = [
    pending!.frozen!,
    'CURRENT',
    'CURRENT.copy',
    'contribution.bin',
    'work.json',
    'CURRENT',
    'CURRENT.copy',
    'contribution.json',
  ];
  expect(steps.filter((step) => !step.startsWith('remove'))).toEqual(order.flatMap(whole));
  // Nothing of the old state goes before the new one stands.
  const durable = steps.indexOf('sync-folder CURRENT');
  const removed = steps.findIndex((step) => /^remove local/.test(step));
  expect(removed).toBeGreaterThan(durable);
});
