import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
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

export type KernelVariant = 'relaxed' | 'simd';

/**
 * The compiled module: the one with fused multiply-add where this machine's WASM has relaxed SIMD, else the
 * one with plain SIMD.
 * @throws {AppError} ENGINE_UNAVAILABLE when neither can be had.
 */
export async function loadKernelModule(
  wanted: KernelVariant = 'relaxed',
): Promise<{ module: WebAssembly.Module; variant: KernelVariant }> {
  try {
    const relaxed = wanted === 'relaxed' && (await readFile(kernelFile('kernels-relaxed.wasm')));
    if (relaxed && WebAssembly.validate(relaxed)) {
      return { module: await WebAssembly.compile(relaxed), variant: 'relaxed' };
    }
    return { module: await WebAssembly.compile(await readFile(kernelFile('kernels.wasm'))), variant: 'simd' };
  } catch (error) {
    throw new AppError('ENGINE_UNAVAILABLE', { path: kernelFile('kernels.wasm') }, error);
  }
}

export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory, abort: onAbort } }).exports as unknown as Kernels;
}

function onAbort(): never {
  throw new Error('a kernel aborted');
}
