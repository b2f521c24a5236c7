import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { sha256Hex } from '../../../../src-node/sha256.ts';
import { ChunkCoder } from '../../../../src-shared/codec/chunk-coder.ts';
import { contributorsToHex, noContributors, withMember } from '../../../../src-shared/reduce/bitmap.ts';
import { chunkGrid, chunkLength } from '../../../../src-shared/reduce/chunks.ts';
import { ChunkSum } from '../../../../src-shared/reduce/sum.ts';
import { type AverageManifest, spoolFiles, spoolFolder } from '../../../../src-shared/spool.ts';
import { hex } from '../../../../src-shared/units.ts';
import { noLabour } from '../../../../src-worker/train/loop/labour.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { baseOf, whole } from '../state/held.ts';
import { dropRoot, newRoot } from '../state/rig.ts';
import {
  ALICE,
  BLOCK,
  BOB,
  consensus,
  parametersOf,
  type Rig,
  type RigOptions,
  startRig,
  workOf,
} from './rig.ts';

beforeAll(buildKernels);

const ROSTER = hex('5a'.repeat(32));
const CAROL = '5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y' as typeof ALICE;
const DAVE = '5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy' as typeof ALICE;
const { codec } = consensus;

let members: Rig[];
let validator: Rig;
const all = () => [...members, validator];
async function newMember(options: RigOptions): Promise<Rig> {
  return startRig(await newRoot(), options);
}
beforeEach(async () => {
  members = [];
  for (const hotkey of [ALICE, BOB, CAROL]) members.push(await newMember({ hotkey }));
  validator = await newMember({ hotkey: DAVE, trains: false, labour: noLabour });
});
afterEach(async () => {
  for (const rig of all()) {
    await rig.stop();
    await dropRoot(rig.root);
  }
});

const folderOf = ({ root }: Rig, round: number) => join(root, 'spool', spoolFolder(round));

/** What `swarm` does between spools: exact sums of the drawn members' contributions, one result for everybody. */
async function reduce(round: number, drawn: readonly Rig[]) {
  const inputs = await Promise.all(
    drawn.map((rig) => readFile(join(folderOf(rig, round), spoolFiles.contribution))),
  );
  const grid = chunkGrid(validator.facts.parameters, codec.chunkElements);
  const contributors = contributorsToHex(inputs.reduce((set, _, i) => withMember(set, i), noContributors));
  const chunks: AverageManifest['chunks'] = [];
  const results: Uint8Array[] = [];
  const coder = new ChunkCoder(grid, consensus);
  for (let k = 0; k < grid.chunks; k += 1) {
    const sum = new ChunkSum(chunkLength(grid, k));
    const [from, to] = coder.offsets('fp16').slice(k, k + 2);
    for (const input of inputs) sum.add(coder.decode('fp16', k, input.subarray(from, to))!, 1, 0);
    const result = sum.result((exact, divisor) => coder.encodeResult(exact, divisor));
    results.push(result);
    chunks.push({ reducer: 0, contributors, divisor: sum.divisor, digest: sha256Hex(result) });
  }
  for (const rig of all()) {
    const self = drawn.indexOf(rig);
    const manifest: AverageManifest = {
      round,
      rosterDigest: ROSTER,
      self: self < 0 ? null : self,
      elements: grid.elements,
      chunkElements: grid.chunkElements,
      chunks,
    };
    await mkdir(folderOf(rig, round), { recursive: true });
    await writeFile(join(folderOf(rig, round), spoolFiles.average), Buffer.concat(results));
    await writeFile(join(folderOf(rig, round), spoolFiles.averageManifest), JSON.stringify(manifest));
  }
}

async function workOn(round: number) {
  for (const rig of all()) await rig.openRound(round);
  for (const rig of members) await rig.rested(round);
  for (const rig of members) await rig.contribute(round);
}

async function commit(round: number, drawn: readonly Rig[]) {
  await reduce(round, drawn);
  return Promise.all(
    all().map(async (rig) => {
      const { resultId } = await rig.handlers.prepare({ round, rosterDigest: ROSTER }, rig.signal);
      return rig.handlers.settle(
        { round, outcome: 'committed', resultId, drawn: drawn.includes(rig), medianNorm: null },
        rig.signal,
      );
    }),
  );
}

test('members and validator reach one digest in every round, through a void one and one that a member missed', async () => {
  const before = await validator.handlers.evaluate({ windows: 40 }, validator.signal);
  const digests: string[] = [];
  for (const round of [0, 1, 2, 3]) {
    await workOn(round);
    if (round === 1) {
      for (const rig of members) await rig.settle(round, 'void');
      continue;
    }
    const standings = await commit(round, round === 2 ? members.slice(0, 2) : members);
    expect(new Set(standings.map(({ id }) => id)).size).toBe(1);
    expect(standings[0]!.round).toBe(round);
    digests.push(standings[0]!.baseDigest);
  }
  expect(new Set(digests).size).toBe(3);
  const base = await baseOf(validator.trainer.replica);
  for (const rig of members) expect(await baseOf(rig.trainer.replica)).toEqual(base);
  const after = await validator.handlers.evaluate({ windows: 40 }, validator.signal);
  expect(after.loss).toBeLessThan(before.loss);
});

test('under plain averaging the new base is the mean of the local replicas, up to what fp16 rounds off', async () => {
  await workOn(0);
  const locals = await Promise.all(members.map(({ engine }) => parametersOf(engine)));
  await commit(0, members);
  const base = await baseOf(validator.trainer.replica);
  const gap = base.map((value, i) => value - (locals[0]![i]! + locals[1]![i]! + locals[2]![i]!) / 3);
  const moved = base.map((value, i) => value - locals[0]![i]!);
  expect(Math.hypot(...gap)).toBeLessThan(Math.hypot(...moved) * 2 ** -9);
  // All of the work is in the base, so that the replicas stand on it, and what was rounded off is owed.
  for (const [i, rig] of members.entries()) {
    expect(await parametersOf(rig.engine)).toEqual(base);
    const residue = await whole(rig.trainer.replica.residue!, base.length);
    expect(Math.hypot(...residue)).toBeLessThan(Math.hypot(...locals[i]!) * 2 ** -9);
  }
});

test("after a commit the members' first steps are checked at the new base", async () => {
  await workOn(0);
  await commit(0, members);
  await workOn(1);
  const asked = { round: 1, hotkey: ALICE, blockHash: BLOCK, microBatches: [0, 1] };
  const { sketches } = await validator.handlers.recompute(asked, validator.signal);
  expect((await workOf(members[0]!.root, 1)).sketches).toEqual(sketches);
  const earlier = await validator.handlers.recompute({ ...asked, round: 0 }, validator.signal);
  expect((await workOf(members[0]!.root, 0)).sketches).toEqual(earlier.sketches);
});

test('a state that a member adopts is the one that the others committed', async () => {
  await workOn(0);
  const [standing] = await commit(0, members);
  const late = await newMember({ hotkey: DAVE });
  try {
    const { round, id, baseDigest, state } = standing!;
    const adopted = await late.handlers.adopt(
      { round, id, baseDigest, path: state.path, committed: [] },
      late.signal,
    );
    expect(adopted).toMatchObject({ round, id, baseDigest });
    expect(await parametersOf(late.engine)).toEqual(await baseOf(members[0]!.trainer.replica));
    // From here on it takes part like everybody else: the momentum came with the base.
    await late.openRound(1);
    await late.rested(1);
    expect((await late.contribute(1)).norm).toBeGreaterThan(0);
  } finally {
    await late.stop();
    await dropRoot(late.root);
  }
});
