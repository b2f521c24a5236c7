import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hex } from '../../../src-shared/units.ts';
import { Answers } from '../../../src-worker/swarm/reduce/answers.ts';
import type { RoundPlan } from '../../../src-worker/swarm/reduce/plan.ts';
import { plainDisk } from './round.ts';

const never = new AbortController().signal;
const planOf = (digit: string) =>
  ({ roster: { round: 7 }, rosterDigest: hex(digit.repeat(64)) }) as unknown as RoundPlan;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'answers-'));
});
afterEach(() => rm(folder, { recursive: true }));

const file = () => join(folder, 'answers.jsonl');

async function reopened(digit = 'a') {
  const answers = await Answers.open(planOf(digit), folder, plainDisk(), never);
  await answers.close();
  return answers;
}

async function sayNone(): Promise<void> {
  const answers = await Answers.open(planOf('a'), folder, plainDisk(), never);
  await answers.keep(3, null, async () => {});
  await answers.close();
}

describe('the file of what a reducer said', () => {
  it('is gone on with, and begun anew for another roster', async () => {
    await sayNone();
    expect([...(await reopened()).earlier]).toEqual([[3, null]]);
    const other = await reopened('b');
    expect([other.earlier.size, other.isWhole]).toEqual([0, true]);
  });

  it('with a damaged first line is not taken for a new one', async () => {
    await sayNone();
    const text = await readFile(file(), 'utf8');
    await writeFile(file(), `#${text.slice(1)}`);
    expect((await reopened()).isWhole).toBe(false);
    expect(await readFile(file(), 'utf8')).toContain('"chunk":3');
  });

  it.skipIf(process.platform !== 'linux')(
    'is not left open where its first line cannot be written',
    async () => {
      const full = plainDisk((step) => {
        if (step !== 'open') throw Object.assign(new Error('read only'), { code: 'EROFS' });
      });
      await expect(Answers.open(planOf('a'), folder, full, never)).rejects.toThrow();
      const open = await Promise.all(
        (await readdir('/proc/self/fd')).map((one) => readlink(join('/proc/self/fd', one)).catch(() => '')),
      );
      expect(open.filter((path) => path.startsWith(folder))).toEqual([]);
    },
  );
});
