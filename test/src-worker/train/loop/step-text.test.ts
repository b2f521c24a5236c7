import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aborted, orAbort } from '../../../../src-node/waits.ts';
import { AppError, type CodedError } from '../../../../src-shared/errors/app-error.ts';
import type { Corpus } from '../../../../src-worker/train/loop/trainer.ts';
import { ALICE, BLOCK, corpus, type Rig, STEPS, startRig, workOf } from './rig.ts';

let root: string;
let rig: Rig;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'butterfly-step-text-'));
});

afterEach(async () => {
  await rig.stop();
  await rm(root, { recursive: true, force: true });
});

/** The rig's text behind a line that a test cuts and mends. */
function remoteText() {
  const line = { isCut: false, fault: null as AppError | null, isUnassigned: false, spares: 0, loads: 0 };
  let mended = Promise.withResolvers<void>();
  let out = Promise.withResolvers<void>();
  const text: Corpus = {
    ...corpus,
    async loadPage(index, signal) {
      line.loads += 1;
      if (line.fault) throw line.fault;
      if (line.isCut) await orAbort(mended.promise, signal);
      return corpus.loadPage(index, signal);
    },
    outOfReach: (signal) => Promise.race([out.promise, aborted(signal)]),
    async spare(turn, signal) {
      line.spares += 1;
      return corpus.loadPage(turn % 50, signal);
    },
    setUnassigned: (isUnassigned) => {
      line.isUnassigned = isUnassigned;
    },
    repeatState: () => {},
    stop: async () => {},
  };
  return {
    line,
    text,
    cut() {
      line.isCut = true;
      out.resolve();
    },
    mend() {
      line.isCut = false;
      out = Promise.withResolvers<void>();
      mended.resolve();
      mended = Promise.withResolvers<void>();
    },
  };
}

describe('text that may be out of reach', () => {
  it('is trained on as any other while it comes, and claimed whole', async () => {
    const { text } = remoteText();
    rig = await startRig(root, { text });
    await rig.openRound(1);
    await rig.rested(1);
    const { steps, sequences } = await rig.contribute(1);
    expect({ steps, sequences }).toEqual({ steps: STEPS, sequences: STEPS * 4 });
  });

  it('is stood in for, claimed nowhere, and the round goes on where it was', async () => {
    const { text, line, cut, mend } = remoteText();
    rig = await startRig(root, { text });
    cut();
    await rig.openRound(1);
    await expect.poll(() => rig.trainer.local.progress.round?.unassignedSteps).toBe(STEPS);
    expect(line.isUnassigned).toBe(true);
    expect(rig.trainer.local.progress).toMatchObject({
      step: STEPS,
      round: { innerSteps: 0, cursor: { page: 0, sequence: 0 }, pages: [], sequences: 0, sketches: [] },
    });
    mend();
    await rig.rested(1);
    expect(line.isUnassigned).toBe(false);
    const { steps, sequences } = await rig.contribute(1);
    expect({ steps, sequences }).toEqual({ steps: STEPS, sequences: STEPS * 4 });
    const { sketches } = await workOf(root, 1);
    expect(sketches).toHaveLength(2);
  });

  it('that never comes claims nothing', async () => {
    const { text, cut } = remoteText();
    rig = await startRig(root, { text });
    cut();
    await rig.openRound(1);
    await expect.poll(() => rig.trainer.local.progress.round?.unassignedSteps).toBe(STEPS);
    const { steps, sequences, norm } = await rig.contribute(1);
    expect({ steps, sequences }).toEqual({ steps: 0, sequences: 0 });
    expect(norm).toBeGreaterThan(0);
    expect(await workOf(root, 1)).toMatchObject({ pages: [], steps: 0, sequences: 0, sketches: [] });
  });

  it('holds up no contribution and no new round', async () => {
    const { text, cut } = remoteText();
    // Nobody knows yet that it is out of reach: training waits.
    rig = await startRig(root, { text: { ...text, outOfReach: (signal) => aborted(signal) } });
    cut();
    await rig.openRound(1);
    await expect.poll(() => rig.did.at(-1)).toEqual({ kind: 'busy', work: 'fetching' });
    await rig.contribute(1);
    await rig.settle(1, 'void', false);
    await rig.openRound(2);
    expect(rig.trainer.local.progress.round).toMatchObject({ round: 2, innerSteps: 0, unassignedSteps: 0 });
  });

  it('that is faulty is told, and stood in for', async () => {
    const { text, line } = remoteText();
    line.fault = new AppError('TEXT_MALFORMED', { what: 'a shard', reason: 'a row is missing' });
    const notices: CodedError[] = [];
    const cleared: string[] = [];
    const told = {
      notice: (error: CodedError) => void notices.push(error),
      clearNotice: (code: string) => void cleared.push(code),
    };
    rig = await startRig(root, { text, told });
    await rig.openRound(1);
    await expect.poll(() => rig.trainer.local.progress.round?.unassignedSteps).toBe(STEPS);
    expect(notices).toContainEqual(expect.objectContaining({ code: 'TEXT_MALFORMED' }));
    expect(line.loads).toBe(1);
    line.fault = null;
    expect(cleared).not.toContain('TEXT_MALFORMED');
    await rig.openRound(2);
    await rig.rested(2);
    expect(cleared).toContain('TEXT_MALFORMED');
    expect(rig.trainer.local.progress.round).toMatchObject({ innerSteps: STEPS, unassignedSteps: 0 });
  });

  it('is waited for by a check, which nothing stands in for', async () => {
    const { text, line, cut, mend } = remoteText();
    rig = await startRig(root, { text, trains: false });
    cut();
    const asked = { round: 0, hotkey: ALICE, blockHash: BLOCK, microBatches: [0] };
    const checking = rig.handlers.recompute(asked, rig.signal);
    mend();
    expect((await checking).sketches).toHaveLength(1);
    expect(line.spares).toBe(0);
  });
});
