import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { sha256Hex } from '../../../src-node/sha256.ts';
import { spoolFolder } from '../../../src-shared/spool.ts';
import { ResultFile } from '../../../src-worker/swarm/reduce/result-file.ts';
import { type DiskStep, SpoolDisk } from '../../../src-worker/swarm/spool-disk.ts';
import { dropGroups, group, never, planOf, ROUND } from './butterfly-group.ts';

afterEach(dropGroups);

/** Counts writes that are under way together; each takes a while. */
class SlowDisk extends SpoolDisk {
  #underWay = 0;
  most = 0;

  constructor() {
    super({ notice: () => {}, clearNotice: () => {} });
  }

  override async step<T>(step: DiskStep, path: string, signal: AbortSignal, work: () => Promise<T>) {
    if (step !== 'write') return super.step(step, path, signal, work);
    this.most = Math.max(this.most, ++this.#underWay);
    await setImmediate();
    return super.step(step, path, signal, work).finally(() => this.#underWay--);
  }
}

it('takes results of one chunk that come together one behind the other, and has the last of them whole', async () => {
  const g = await group(3);
  const plan = planOf(g, 0);
  const disk = new SlowDisk();
  const path = join(g.members[0]!.spoolDir, spoolFolder(ROUND), 'results.bin');
  const file = await ResultFile.open({ plan, path, disk, signal: never }, false);
  const said = { signer: 1, signature: new Uint8Array(64), contributors: 7n, divisor: 3 };
  const values = [1, 2, 3, 4].map((fill) => new Uint8Array(plan.resultMaxBytes(0)).fill(fill));
  await Promise.all(values.map((one) => file.put(0, { ...said, values: one })));
  expect(disk.most).toBe(1);
  const held = await file.read(0);
  expect(file.entry(0)?.digest).toBe(sha256Hex(held!.values));
  await file.close();
});
