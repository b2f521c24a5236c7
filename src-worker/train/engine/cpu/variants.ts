/**
 * Which build of the kernels this machine runs best. Measured, because nothing tells whether WASM's vectors are joined
 * here; and checked, because joining them is an experiment of V8's: every build must give the same bits.
 */
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import { type KernelVariant, kernelModule } from './kernels.ts';
import { planMemory } from './plan.ts';
import { inlineRunner } from './pool.ts';

/** Large enough that whole tiles decide, small enough for less than a millisecond a step. */
const TRIED: ModelConfig = { layers: 1, width: 64, heads: 2, context: 48, vocab: 200 };
const TRIES = 6;

export type ChosenKernels = { readonly module: WebAssembly.Module; readonly variant: KernelVariant };

let chosen: Promise<ChosenKernels> | undefined;

/**
 * The fastest build that computes what the others do; found once in a process.
 * @param wanted that one instead, or plain SIMD where the machine cannot run it
 * @throws {AppError} ENGINE_UNAVAILABLE when not even plain SIMD can be had.
 */
export function chooseKernels(wanted?: KernelVariant): Promise<ChosenKernels> {
  if (wanted) return available([wanted, 'simd']).then(([first]) => first!);
  chosen ??= fastest();
  return chosen;
}

/** @throws {AppError} ENGINE_UNAVAILABLE when none can be had. */
async function available(variants: readonly KernelVariant[]): Promise<readonly ChosenKernels[]> {
  const found: ChosenKernels[] = [];
  for (const variant of variants) {
    const module = await kernelModule(variant);
    if (module) found.push({ module, variant });
  }
  if (found.length === 0) throw new AppError('ENGINE_UNAVAILABLE', {});
  return found;
}

async function fastest(): Promise<ChosenKernels> {
  const [narrow, ...others] = await available(['relaxed', 'wide', 'simd']);
  const wide = others.find(({ variant }) => variant === 'wide');
  if (!wide) return narrow!;
  return isBetter(await trial(wide.module), await trial(narrow!.module)) ? wide : narrow!;
}

/** A few steps of a small model: how long the shortest took, and where they led. */
export type Trial = { readonly bestMs: number; readonly parameters: Float32Array };

/** Whether a build is faster than one that is known to be right, and leads to the same bits. */
export function isBetter(tried: Trial, known: Trial): boolean {
  const isSame = tried.parameters.every((value, i) => value === known.parameters[i]);
  if (!isSame) console.error('wide kernels compute something else than narrow ones here and are not used');
  return isSame && tried.bestMs < known.bestMs;
}

async function trial(module: WebAssembly.Module): Promise<Trial> {
  const plan = planMemory(TRIED, 1, 1);
  const memory = new WebAssembly.Memory({ initial: plan.pages, maximum: plan.pages, shared: true });
  const { run } = inlineRunner(module, memory, plan);
  const parameters = new Float32Array(memory.buffer, plan.parameters, plan.count);
  // Numbers of all sizes up to 0.2, the same everywhere.
  parameters.forEach((_, i) => {
    parameters[i] = 0.2 * Math.sin(12.9898 * (i + 1));
  });
  const tokens = new Uint16Array(memory.buffer, plan.ids, TRIED.context);
  tokens.forEach((_, i) => {
    tokens[i] = (i * 37 + 5) % TRIED.vocab;
  });
  new Uint16Array(memory.buffer, plan.targets, TRIED.context).set(tokens);
  const adamw = { beta1: 0.9, beta2: 0.99, eps: 1e-8, lr: 1e-3, weightDecay: 0.1, clip: 0 } as const;
  let bestMs = Number.POSITIVE_INFINITY;
  for (let step = 1; step <= TRIES; step++) {
    const startedMs = performance.now();
    const scale = 1 / TRIED.context;
    await run({ kind: 'microStep', sequences: 1, accumulate: step > 1, scale, weights: plan.parameters });
    await run({ kind: 'adamw', ...adamw, step });
    bestMs = Math.min(bestMs, performance.now() - startedMs);
  }
  return { bestMs, parameters };
}
