import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BuildStep, isUpToDate, ROOT, runStep } from '../../tools/build/stamp.ts';

const name = `trial-${randomUUID()}`;
const folder = join('out', name);
const input = join(folder, 'input.txt');
const output = join(folder, 'output.txt');
let runs = 0;

const step: BuildStep = {
  name,
  title: 'the trial',
  inputs: [input],
  outputs: [output],
  run: () => {
    runs++;
    writeFileSync(join(ROOT, output), 'built');
  },
};

beforeEach(() => {
  runs = 0;
  mkdirSync(join(ROOT, folder), { recursive: true });
  writeFileSync(join(ROOT, input), 'first');
});
afterEach(() => {
  rmSync(join(ROOT, folder), { recursive: true, force: true });
  rmSync(join(ROOT, 'out', '.stamps', name), { force: true });
});

describe('a step of the build', () => {
  it('runs once for the same content', async () => {
    expect(isUpToDate(step)).toBe(false);
    await runStep(step);
    writeFileSync(join(ROOT, input), 'first');
    expect(isUpToDate(step)).toBe(true);
    expect(runs).toBe(1);
  });

  it('runs again when an input changed or an output is gone', async () => {
    await runStep(step);
    writeFileSync(join(ROOT, input), 'second');
    expect(isUpToDate(step)).toBe(false);
    await runStep(step);
    rmSync(join(ROOT, output));
    expect(isUpToDate(step)).toBe(false);
  });

  it('runs again after it failed, although its inputs are the same', async () => {
    await runStep(step);
    writeFileSync(join(ROOT, input), 'second');
    const failing = { ...step, run: () => Promise.reject(new Error('no')) };
    await expect(runStep(failing)).rejects.toThrow('no');
    writeFileSync(join(ROOT, input), 'first');
    expect(isUpToDate(step)).toBe(false);
  });

  it('runs again when an input changed while it ran', async () => {
    const edited = () => {
      step.run();
      writeFileSync(join(ROOT, input), 'meanwhile');
    };
    await runStep({ ...step, run: edited });
    expect(isUpToDate(step)).toBe(false);
  });
});
