/** The products of the processor's engine, per thread, against OpenBLAS as numpy brings it, on the shapes of training. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { instantiateKernels } from '../../src-worker/train/engine/cpu/kernels.ts';
import { chooseKernels } from '../../src-worker/train/engine/cpu/variants.ts';
import { installed } from '../chain/python.ts';
import { type Figure, figure } from '../report/figures.ts';

const PACKAGES = ['numpy==2.4.6', 'threadpoolctl==3.6.0'];
const SCRIPT = fileURLToPath(new URL('gemm.py', import.meta.url));
const RUN_MS = 120_000;
/** Rows, columns and depth: layers and head of the practice model, of the wider one and of GPT-2 124M. */
const SHAPES = [
  [128, 512, 128],
  [128, 4096, 128],
  [1024, 1536, 384],
  [1024, 384, 1536],
  [1024, 4096, 384],
  [1024, 768, 768],
  [1024, 3072, 768],
  [1024, 768, 3072],
] as const;
type Shape = (typeof SHAPES)[number];
const ROUNDS = 3;
/** How long one shape is tried in a round, in ms. */
const TRY_MS = 150;

type OpenBlas = {
  readonly version: string;
  readonly kernel: string;
  readonly threads: number;
  readonly bestMs: readonly number[];
};

/** Arithmetic over all shapes per time; each side's best of several rounds in turn. */
export async function cpuGemmVsOpenblas(): Promise<Figure> {
  const python = (await installed(PACKAGES)).program('python');
  const { module, variant } = await chooseKernels();
  const ours = SHAPES.map(() => Number.POSITIVE_INFINITY);
  const theirs = SHAPES.map(() => Number.POSITIVE_INFINITY);
  const lower = (best: number[], found: readonly number[]) =>
    found.forEach((ms, i) => {
      best[i] = Math.min(best[i]!, ms);
    });
  let library: OpenBlas | undefined;
  for (let round = 0; round < ROUNDS; round += 1) {
    lower(ours, ownTimes(module));
    library = await openBlas(python);
    lower(theirs, library.bestMs);
  }
  const [own, other] = [rate(ours), rate(theirs)];
  const { version, kernel, threads } = library!;
  const seen = `${own.toFixed(1)} against ${other.toFixed(1)} GFLOP/s; ours ${variant}, OpenBLAS ${version} ${kernel}, ${threads} thread`;
  return figure('cpu-gemm-vs-openblas', own / other, 'x', { floor: 0.28, goal: 0.45, peer: 1, seen });
}

/** GFLOP/s of all shapes one after another. */
function rate(bestMs: readonly number[]): number {
  const flops = SHAPES.reduce((sum, [m, n, k]) => sum + 2 * m * n * k, 0);
  return flops / bestMs.reduce((sum, ms) => sum + ms, 0) / 1e6;
}

async function openBlas(python: string): Promise<OpenBlas> {
  // What a machine sets for its own programs would choose another kernel than OpenBLAS would itself.
  const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _size, ...env } = process.env;
  const words = [SCRIPT, ...SHAPES.map((shape) => shape.join(','))];
  const { stdout } = await promisify(execFile)(python, words, { env, timeout: RUN_MS });
  return JSON.parse(stdout) as OpenBlas;
}

function ownTimes(module: WebAssembly.Module): readonly number[] {
  const most = (size: (shape: Shape) => number) => Math.max(...SHAPES.map(size));
  const scratch = 65_536;
  const a = 4 * 2 ** 20;
  const b = a + 4 * most(([m, , k]) => m * k);
  const c = b + 4 * most(([, n, k]) => n * k);
  const pages = Math.ceil((c + 4 * most(([m, n]) => m * n)) / 65_536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  new Float32Array(memory.buffer, a, (c - a) / 4).fill(0.5);
  const kernels = instantiateKernels(module, memory);
  return SHAPES.map(([m, n, k]) => {
    let best = Number.POSITIVE_INFINITY;
    const untilMs = performance.now() + TRY_MS;
    while (performance.now() < untilMs) {
      const startedMs = performance.now();
      kernels.gemm(a, k, 0, b, n, 0, c, n, 0, 0, m, n, k, scratch);
      best = Math.min(best, performance.now() - startedMs);
    }
    return best;
  });
}
