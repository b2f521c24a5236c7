import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { AppError } from '../../../../src-shared/errors/app-error.ts';

/** Addresses are bytes into the shared memory, everything else counts elements. See kernels/assembly. */
export type Kernels = {
  gemm(
    a: number,
    lda: number,
    transA: number,
    b: number,
    ldb: number,
    transB: number,
    c: number,
    ldc: number,
    from: number,
    bias: number,
    m: number,
    n: number,
    k: number,
    scratch: number,
  ): void;
  layerNorm(
    x: number,
    gain: number,
    bias: number,
    y: number,
    mean: number,
    rstd: number,
    rows: number,
    width: number,
  ): void;
  layerNormBackward(
    dy: number,
    x: number,
    gain: number,
    mean: number,
    rstd: number,
    dx: number,
    rows: number,
    width: number,
  ): void;
  layerNormGains(
    dy: number,
    x: number,
    mean: number,
    rstd: number,
    dGain: number,
    dBias: number,
    rows: number,
    width: number,
    start: number,
    end: number,
  ): void;
  gelu(x: number, y: number, count: number): void;
  geluBackward(x: number, d: number, count: number): void;
  clear(x: number, count: number): void;
  columnSums(x: number, ld: number, out: number, rows: number, start: number, end: number): void;
  rowDots(a: number, lda: number, b: number, ldb: number, out: number, rows: number, width: number): void;
  addEmbeddings(
    ids: number,
    wte: number,
    wpe: number,
    out: number,
    start: number,
    end: number,
    context: number,
    width: number,
  ): void;
  scatterRows(
    ids: number,
    d: number,
    dWte: number,
    dWpe: number,
    rows: number,
    context: number,
    width: number,
    start: number,
    end: number,
  ): void;
  causalSoftmax(
    s: number,
    ld: number,
    rows: number,
    first: number,
    width: number,
    scale: number,
    tops: number,
    inverses: number,
  ): void;
  causalSoftmaxAgain: Kernels['causalSoftmax'];
  softmaxGradient(
    p: number,
    d: number,
    ld: number,
    rows: number,
    width: number,
    scale: number,
    delta: number,
  ): void;
  crossEntropy(
    logits: number,
    targets: number,
    parts: number,
    rows: number,
    vocab: number,
    scale: number,
    ignored: number,
  ): void;
  sumOfSquares(x: number, count: number): number;
  sketchSums(x: number, count: number, index: number, keyA: number, keyB: number, out: number): void;
  adamw(
    p: number,
    g: number,
    m: number,
    v: number,
    count: number,
    gradScale: number,
    beta1: number,
    rest1: number,
    beta2: number,
    rest2: number,
    keep: number,
    rate: number,
    vScale: number,
    eps: number,
  ): void;
};

/** Beside the bundle in an installed app; in out/worker when this file runs as source. */
function kernelFile(name: string): string {
  const isSource = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(isSource ? `../../../../out/worker/${name}` : `./${name}`, import.meta.url));
}

/**
 * Builds of the kernels: plain SIMD; with fused multiply-add; the same with tiles for registers of twice the width, or
 * for twice as many.
 */
export type KernelVariant = 'simd' | 'relaxed' | 'wide';

const FILES: Readonly<Record<KernelVariant, string>> = {
  simd: 'kernels.wasm',
  relaxed: 'kernels-relaxed.wasm',
  wide: 'kernels-wide.wasm',
};

/**
 * V8 joins vectors that lie side by side into one of 256 bits where the processor has them: twice the speed
 * (docs/decisions/0019). The other flags have a module compiled whole and by the better compiler, so that no step is
 * slow and what was checked is what runs.
 */
const FLAGS = ['--no-liftoff', '--no-wasm-lazy-compilation'];
const WIDE_FLAG = '--experimental-wasm-revectorize';
const opposite = (flag: string) =>
  flag.startsWith('--no-') ? `--${flag.slice(5)}` : `--no-${flag.slice(2)}`;

const compiled = new Map<KernelVariant, Promise<WebAssembly.Module | null>>();

/**
 * A build, compiled once in a process; null where this machine's WASM does not know its instructions.
 * @throws {AppError} ENGINE_UNAVAILABLE when its file cannot be read.
 */
export function kernelModule(variant: KernelVariant): Promise<WebAssembly.Module | null> {
  const ready = compiled.get(variant) ?? compile(variant);
  compiled.set(variant, ready);
  return ready;
}

async function compile(variant: KernelVariant): Promise<WebAssembly.Module | null> {
  const path = kernelFile(FILES[variant]);
  try {
    const bytes = await readFile(path);
    if (!WebAssembly.validate(bytes)) return null;
    const flags = variant === 'wide' && process.arch === 'x64' ? [...FLAGS, WIDE_FLAG] : FLAGS;
    for (const flag of flags) setFlagsFromString(flag);
    try {
      // At once, some 20 ms: nothing else is compiled with these flags.
      return new WebAssembly.Module(bytes);
    } finally {
      for (const flag of flags) setFlagsFromString(opposite(flag));
    }
  } catch (error) {
    throw new AppError('ENGINE_UNAVAILABLE', { path }, error);
  }
}

export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory, abort: onAbort } }).exports as unknown as Kernels;
}

function onAbort(): never {
  throw new Error('a kernel aborted');
}
