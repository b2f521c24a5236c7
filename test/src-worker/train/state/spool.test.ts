import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256 } from '../../../../src-node/sha256.ts';
import { fp16 } from '../../../../src-shared/codec/fp16.ts';
import { rootOfHexLeaves } from '../../../../src-shared/reduce/merkle.ts';
import {
  type AverageManifest,
  contributionManifestSchema,
  spoolFiles,
  spoolFolder,
  workRecordSchema,
} from '../../../../src-shared/spool.ts';
import { hex } from '../../../../src-shared/units.ts';
import { contribute, contributed } from '../../../../src-worker/train/state/contribute.ts';
import { prepare } from '../../../../src-worker/train/state/prepare.ts';
import {
  allTaken,
  CHUNK,
  CHUNKS,
  consensus,
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

let rig: Rig;
beforeEach(async () => {
  rig = await openRig(await newRoot());
});
afterEach(() => dropRoot(rig.root));

const inSpool = (name: string, round = 0) => join(rig.root, 'spool', spoolFolder(round), name);
const ask = () => prepare(rig.replica, { round: 0, rosterDigest: ROSTER });
const average = numbers(5, ELEMENTS);

test('the contribution in the spool is what its manifest says, chunk by chunk', async () => {
  rig.local.learn(update(1));
  const answer = await contribute(rig.replica, { round: 0, codec: 'fp16', medianNorm: null }, record(0));
  const manifest = v.parse(
    contributionManifestSchema,
    JSON.parse(await readFile(inSpool(spoolFiles.contributionManifest), 'utf8')),
  );
  const bytes = new Uint8Array(await readFile(inSpool(spoolFiles.contribution)));
  expect(bytes.length).toBe(2 * ELEMENTS);
  expect(manifest.leaves).toEqual(
    Array.from({ length: CHUNKS }, (_, k) => digestOf(bytes.subarray(2 * k * CHUNK, 2 * (k + 1) * CHUNK))),
  );
  expect(rootOfHexLeaves(manifest.leaves, sha256)).toBe(answer.root);
  const decoded = new Float64Array(ELEMENTS);
  expect(fp16.decode(bytes, decoded, consensus.codec)).toBe(true);
  expect(Math.hypot(...decoded)).toBeCloseTo(answer.norm, 9);
  // A pseudo-gradient points back to the base: against the step that was taken.
  expect(decoded[0]! * update(1)[0]!).toBeLessThan(0);
});

test('the work record is what its digest says', async () => {
  const { workDigest, steps, sequences } = await contribute(
    rig.replica,
    { round: 0, codec: 'fp16', medianNorm: null },
    record(0),
  );
  const bytes = await readFile(inSpool(spoolFiles.work));
  expect(digestOf(bytes)).toBe(workDigest);
  expect(v.parse(workRecordSchema, JSON.parse(bytes.toString()))).toEqual(record(0));
  expect([steps, sequences]).toEqual([4, 8]);
});

test.each([spoolFiles.work, spoolFiles.contribution, spoolFiles.contributionManifest])(
  '%s with a flipped bit is set aside, and the same contribution made again',
  async (name) => {
    const asked = { round: 0, codec: 'fp16', medianNorm: null } as const;
    rig.local.learn(update(1));
    const first = await contribute(rig.replica, asked, record(0));
    const whole = await readFile(inSpool(name));
    const spoilt = Uint8Array.from(whole);
    spoilt[spoilt.length >> 1]! ^= 1;
    await writeFile(inSpool(name), spoilt);
    // Training went on: what was announced is made again, not what would be offered now.
    rig.local.learn(update(2));
    expect(await contributed(rig.replica, asked)).toBeNull();
    expect(rig.told.damaged()).toEqual([name]);
    expect(await contribute(rig.replica, asked, record(0))).toEqual(first);
    expect(await readFile(inSpool(name))).toEqual(whole);
    expect(new Uint8Array(await readFile(inSpool(`${name}.damaged-1`)))).toEqual(spoilt);
    expect(await contributed(rig.replica, asked)).toEqual(first);
  },
);

test('a contribution that the spool no longer holds whole is made again', async () => {
  const asked = { round: 0, codec: 'fp16', medianNorm: null } as const;
  await contribute(rig.replica, asked, record(0));
  expect(await contributed(rig.replica, asked)).not.toBeNull();
  await truncate(inSpool(spoolFiles.contribution), ELEMENTS);
  expect(await contributed(rig.replica, asked)).toBeNull();
});

test('preparing twice answers the same, and another average gives another result', async () => {
  await leaveAverage(rig.root, 0, average, allTaken);
  const first = await ask();
  expect(await ask()).toMatchObject(first);
  await leaveAverage(rig.root, 0, average, [true, true, null, true, true]);
  expect((await ask()).resultId).not.toBe(first.resultId);
});

test('without any result the momentum alone moves the base, and nothing at first', async () => {
  const before = rig.replica.current.standing.baseDigest;
  await leaveAverage(
    rig.root,
    0,
    average,
    allTaken.map(() => null),
  );
  expect((await ask()).baseDigest).toBe(before);
});

const hostile: [string, (manifest: AverageManifest) => unknown][] = [
  ['of another round', (m) => ({ ...m, round: 1 })],
  ['of another roster', (m) => ({ ...m, rosterDigest: hex('66'.repeat(32)) })],
  ['of another model', (m) => ({ ...m, elements: ELEMENTS + 1 })],
  ['on another grid', (m) => ({ ...m, chunkElements: 2 * CHUNK })],
  ['with a chunk too many', (m) => ({ ...m, chunks: [...m.chunks, null] })],
  ['with a chunk too few', (m) => ({ ...m, chunks: m.chunks.slice(1) })],
  [
    'with a wrong digest',
    (m) => ({ ...m, chunks: m.chunks.with(2, { ...m.chunks[2]!, digest: hex('00'.repeat(32)) }) }),
  ],
  [
    'with a bitmap that is none',
    (m) => ({ ...m, chunks: m.chunks.with(0, { ...m.chunks[0]!, contributors: 'zz' }) }),
  ],
  ['longer than a manifest can be', (m) => ({ ...m, padding: 'x'.repeat(10_000) })],
];

test.each(hostile)('an average %s is refused', async (_what, change) => {
  await leaveAverage(rig.root, 0, average, allTaken, change);
  await expect(ask()).rejects.toMatchObject({ code: 'SPOOL_MALFORMED' });
});

test('an average cut short is refused', async () => {
  await leaveAverage(rig.root, 0, average, allTaken);
  await truncate(inSpool(spoolFiles.average), 2 * ELEMENTS - 1);
  await expect(ask()).rejects.toMatchObject({ code: 'SPOOL_MALFORMED' });
});

test('an average that is not finite is refused though its digest is right', async () => {
  await leaveAverage(rig.root, 0, average, allTaken);
  const bytes = await readFile(inSpool(spoolFiles.average));
  bytes.writeUInt16LE(0x7c00, 0);
  await writeFile(inSpool(spoolFiles.average), bytes);
  const manifest = JSON.parse(await readFile(inSpool(spoolFiles.averageManifest), 'utf8'));
  manifest.chunks[0].digest = digestOf(bytes.subarray(0, 2 * CHUNK));
  await writeFile(inSpool(spoolFiles.averageManifest), JSON.stringify(manifest));
  await expect(ask()).rejects.toMatchObject({ code: 'SPOOL_MALFORMED' });
});

test('no average at all is refused', async () => {
  await expect(ask()).rejects.toMatchObject({ code: 'SPOOL_MALFORMED' });
});
