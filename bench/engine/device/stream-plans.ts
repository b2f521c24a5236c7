import type { Arena } from '../../../src-worker/train/engine/gpu/arena.ts';
import type { OpPlan } from '../../../src-worker/train/engine/gpu/pipelines.ts';
import type { Taker } from '../../../src-worker/train/engine/gpu/tally.ts';
import type { Format } from '../../../src-worker/train/engine/gpu/wgsl/format.ts';
import { grid, type Lanes } from '../../../src-worker/train/engine/gpu/wgsl/kernel.ts';
import {
  adamw,
  adamwWork,
  NORM_SPAN,
  shadow,
  squares,
  streamGroups,
} from '../../../src-worker/train/engine/gpu/wgsl/optimizer.ts';
import { copyKernel } from '../copy-kernel.ts';

/** Vectors of 32 MB: no cache of a processor's core holds one, and a card's no five of them. */
const ELEMENTS = 2 ** 23;
const STEP_BYTES = 64;

/** What a plan of streams is made of, and the numbers that its kernels read. */
export interface StreamPlans {
  readonly plans: readonly OpPlan[];
  place(arena: Arena): void;
}

/** The optimizer's kernels over one window, beside a copy that is cut alike. */
export function streamPlans(taker: Taker, lanes: Lanes, format: Format): StreamPlans {
  const [step, span] = [taker.uniforms(STEP_BYTES), taker.uniforms(16)];
  const [decision, parts] = [taker.floats(4, 'scratch'), taker.floats(ELEMENTS / NORM_SPAN, 'scratch')];
  const vector = () => taker.floats(ELEMENTS, 'scratch');
  const [gradient, p, m, v, narrow] = [vector(), vector(), vector(), vector(), vector()];
  const half = (view: typeof m) => ({ ...view, size: view.size / 2 });
  const groups = () => grid(streamGroups(lanes, ELEMENTS));
  const moved =
    (bytes: number, operations = 0) =>
    () => ({
      operations: operations * ELEMENTS,
      bytes: bytes * ELEMENTS,
    });
  const kinds = [
    { isDecayed: true, hasHalfMoments: false, hasShadow: format === 'f16' },
    { isDecayed: true, hasHalfMoments: true, hasShadow: format === 'f16' },
  ];
  const steps = kinds.map((kind) => {
    const [mean, square] = kind.hasHalfMoments ? [half(m), half(v)] : [m, v];
    return {
      kernel: adamw(lanes, kind),
      views: [step, span, decision, gradient, p, mean, square, ...(kind.hasShadow ? [half(narrow)] : [])],
      groups,
      work: () => adamwWork(kind, ELEMENTS),
    };
  });
  const plans: OpPlan[] = [
    { kernel: copyKernel(lanes), views: [span, gradient, narrow], groups, work: moved(8) },
    {
      kernel: squares(lanes.stream),
      views: [span, gradient, parts],
      groups: () => grid(ELEMENTS / NORM_SPAN),
      work: moved(4, 2),
    },
    ...steps,
    ...(format === 'f16'
      ? [{ kernel: shadow(lanes), views: [span, p, half(narrow)], groups, work: moved(6, 3) }]
      : []),
  ];
  return {
    plans,
    place(arena) {
      arena.write(span, Uint32Array.of(ELEMENTS, 0, 0, 0));
      arena.write(step, Float32Array.of(0.9, 0.1, 0.99, 0.01, 1, 1e-6, 1, 1e-8));
      // Nothing is scaled, and the gradient is finite.
      arena.write(decision, Float32Array.of(1, 1, 1, 1));
    },
  };
}
