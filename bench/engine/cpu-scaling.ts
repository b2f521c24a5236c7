/** What a second thread brings. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createCpuEngine } from '../../src-worker/train/engine/cpu/create.ts';
import { type Figure, figure } from '../report/figures.ts';
import { type Contender, PRACTICE, stepOf, stepsMs, tokensPerS, weightsOf } from './contest.ts';

const TURNS = 15;
const STEPS = 12;

/** Speed of two threads over twice that of one, on the practice profile. */
export async function cpuScaling(): Promise<Figure> {
  await using stack = new AsyncDisposableStack();
  const contender = async (threads: number): Promise<Contender> => {
    const options = { maxSequences: PRACTICE.sequences, threads, isInline: false };
    const engine = await createCpuEngine(PRACTICE.config, options);
    stack.defer(() => engine.dispose());
    await engine.load(weightsOf(PRACTICE));
    return { steps: STEPS, step: stepOf(engine) };
  };
  const [one, two] = await stepsMs(PRACTICE, [await contender(1), await contender(2)], TURNS);
  const seen = `${tokensPerS(PRACTICE, one!)} tokens/s on one, ${tokensPerS(PRACTICE, two!)} on two; ${await siblings()}`;
  return figure('cpu-scaling', one! / two! / 2, 'x', { floor: 0.8, goal: 0.9, peer: 1, seen });
}

/** Whether processors share a core, which two threads then share as well. */
async function siblings(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('lscpu', [], { env: { ...process.env, LC_ALL: 'C' } });
    const perCore = /Thread\(s\) per core:\s*(\d+)/.exec(stdout)?.[1];
    return perCore === '1' ? 'lscpu tells of no shared core' : `lscpu tells of ${perCore} threads a core`;
  } catch {
    return 'whether cores are shared is not known';
  }
}
