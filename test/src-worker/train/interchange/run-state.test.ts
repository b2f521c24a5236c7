import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { profileHash } from '../../../../src-shared/profile/profile.ts';
import { hex } from '../../../../src-shared/units.ts';
import {
  type RunState,
  type WhichWeights,
  withWeights,
} from '../../../../src-worker/train/interchange/run-state.ts';
import { contribute } from '../../../../src-worker/train/state/contribute.ts';
import { peekCurrent } from '../../../../src-worker/train/state/current.ts';
import { keepLocal } from '../../../../src-worker/train/state/keep.ts';
import { stateFolder } from '../../../../src-worker/train/state/layout.ts';
import { prepare } from '../../../../src-worker/train/state/prepare.ts';
import { settle } from '../../../../src-worker/train/state/settle.ts';
import { baseOf } from '../state/held.ts';
import {
  allTaken,
  consensus,
  dropRoot,
  ELEMENTS,
  HOTKEY,
  initialWeights,
  leaveAverage,
  newRoot,
  openRig,
  ROSTER,
  record,
  update,
} from '../state/rig.ts';

let root: string;
let run: RunState;
beforeEach(async () => {
  root = await newRoot();
  run = {
    stateDir: join(root, 'state'),
    elements: ELEMENTS,
    pieceBytes: consensus.codec.pieceBytes,
    profileHash: profileHash(consensus),
    hotkey: HOTKEY,
  };
});
afterEach(() => dropRoot(root));

const read = (which: WhichWeights, of = run) =>
  withWeights(of, which, async ({ round, read: window }) => ({
    round,
    // In two windows, so that offsets count.
    weights: Float32Array.of(...(await window(0, 100)), ...(await window(100, ELEMENTS - 100))),
  }));

async function commit(rig: Awaited<ReturnType<typeof openRig>>, round: number): Promise<void> {
  await leaveAverage(root, round, update(round), allTaken);
  const { resultId } = await prepare(rig.replica, { round, rosterDigest: ROSTER });
  await settle(rig.replica, { round, outcome: 'committed', resultId, drawn: false, medianNorm: 1 });
}

describe('weights of a run', () => {
  it('are the base that stands, beside a run at work', async () => {
    const rig = await openRig(root);
    expect(await read('base')).toEqual({ round: -1, weights: initialWeights() });
    await commit(rig, 0);
    expect(await read('base')).toEqual({ round: 0, weights: await baseOf(rig.replica) });
    expect(await baseOf(rig.replica)).not.toEqual(initialWeights());
  });

  it('are those that training last kept', async () => {
    const rig = await openRig(root);
    await expect(read('local')).rejects.toMatchObject({ code: 'MODEL_STATE_MISSING' });
    rig.local.learn(update(5));
    await keepLocal(rig.replica);
    expect(await read('local')).toEqual({ round: -1, weights: rig.local.parameters });
  });

  it.each([true, false])(
    'are on the new base after a commit, with a contribution: %s',
    async (contributes) => {
      const rig = await openRig(root);
      rig.local.learn(update(5));
      const asked = { round: 0, codec: 'fp16', medianNorm: null } as const;
      if (contributes) await contribute(rig.replica, asked, record(0));
      rig.local.learn(update(6));
      await keepLocal(rig.replica);
      await commit(rig, 0);
      expect(rig.replica.current.rebase).not.toBeNull();
      expect(await read('local')).toEqual({ round: 0, weights: rig.local.parameters });
    },
  );

  it('are read where their file was open when the next round replaced it', async () => {
    const rig = await openRig(root);
    const before = await withWeights(run, 'base', async ({ round, read: window }) => {
      await commit(rig, 0);
      await commit(rig, 1);
      return { round, weights: await window(0, ELEMENTS) };
    });
    expect(before).toEqual({ round: -1, weights: initialWeights() });
  });

  it('are refused where the disk spoilt them, and nothing is moved', async () => {
    await openRig(root);
    const { standing } = (await peekCurrent(stateFolder(run.stateDir)))!;
    const path = join(run.stateDir, standing.state);
    const bytes = await readFile(path);
    bytes[17]! ^= 1;
    await writeFile(path, bytes);
    await expect(read('base')).rejects.toMatchObject({ code: 'MODEL_STATE_MISSING' });
    expect(await readFile(path)).toEqual(bytes);
  });

  it('are refused where there are none, and where they belong to another run', async () => {
    await expect(read('base')).rejects.toMatchObject({ code: 'MODEL_STATE_MISSING' });
    await openRig(root);
    const others: Partial<RunState>[] = [
      { profileHash: hex('00'.repeat(32)) },
      { hotkey: 'another' },
      { elements: ELEMENTS + 1 },
    ];
    for (const other of others)
      await expect(read('base', { ...run, ...other })).rejects.toMatchObject({ code: 'STATE_FOREIGN' });
  });

  it('are found by the second copy where the first is gone', async () => {
    await openRig(root);
    await rm(join(run.stateDir, 'CURRENT'));
    expect(await read('base')).toEqual({ round: -1, weights: initialWeights() });
  });
});
