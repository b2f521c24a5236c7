import type { Lane } from './lane.ts';
import type { Pass } from './pass.ts';
import { type LayerPlan, QUERY_BLOCK } from './plan.ts';
import { multiply } from './product.ts';
import type { Work } from './stage.ts';

type Head = {
  /** Address of the first row's q, k, v and of its output column range. */
  readonly q: number;
  readonly k: number;
  readonly v: number;
  readonly out: number;
  readonly tops: number;
  readonly inverses: number;
};

/** A work of which each element is one head of one sequence. */
function eachHead(
  { plan, sequences }: Pass,
  visit: (lane: Lane, at: readonly [sequence: number, head: number, index: number]) => void,
): Work {
  const { heads } = plan.config;
  return {
    ...{ total: sequences * heads, unit: 1, enough: 1 },
    run(lane, start, end) {
      for (let index = start; index < end; index++)
        visit(lane, [Math.floor(index / heads), index % heads, index]);
    },
  };
}

function headOf(
  lane: Lane,
  qkv: number,
  attended: number,
  layer: LayerPlan,
  at: readonly [number, number, number],
): Head {
  const { width, heads, context } = lane.plan.config;
  const [sequence, head, index] = at;
  const column = head * (width / heads);
  const row = sequence * context;
  return {
    q: qkv + 4 * (row * 3 * width + column),
    k: qkv + 4 * (row * 3 * width + width + column),
    v: qkv + 4 * (row * 3 * width + 2 * width + column),
    out: attended + 4 * (row * width + column),
    tops: layer.tops + 4 * index * context,
    inverses: layer.inverses + 4 * index * context,
  };
}

/** Scores of the queries from `first` on against all keys they may see, into scratch. */
function scoreBlock(lane: Lane, head: Head, first: number, rows: number): void {
  const { width, heads, context } = lane.plan.config;
  multiply(lane, {
    a: { at: head.q + 4 * first * 3 * width, ld: 3 * width },
    b: { at: head.k, ld: 3 * width, isTransposed: true },
    c: { at: lane.scratch.scores, ld: context },
    m: rows,
    n: first + rows,
    k: width / heads,
  });
}

/** Causal attention: qkv to attended, in blocks of queries. */
export function attentionForward(pass: Pass, layer: LayerPlan): Work {
  const { width, heads, context } = pass.plan.config;
  const size = width / heads;
  return eachHead(pass, (lane, at) => {
    const { kernels, scratch } = lane;
    const head = headOf(lane, layer.qkv, layer.attended, layer, at);
    for (let first = 0; first < context; first += QUERY_BLOCK) {
      const rows = Math.min(QUERY_BLOCK, context - first);
      const keys = first + rows;
      scoreBlock(lane, head, first, rows);
      const [tops, inverses] = [head.tops + 4 * first, head.inverses + 4 * first];
      kernels.causalSoftmax(scratch.scores, context, rows, first, keys, 1 / Math.sqrt(size), tops, inverses);
      multiply(lane, {
        a: { at: scratch.scores, ld: context },
        b: { at: head.v, ld: 3 * width },
        c: { at: head.out + 4 * first * width, ld: width },
        m: rows,
        n: size,
        k: keys,
      });
    }
  });
}

/**
 * From dAttended to dQkv. Probabilities are rebuilt block by block. The last block
 * of queries sees every key and comes first, so that it sets what the others add to.
 */
export function attentionBackward(pass: Pass, layer: LayerPlan): Work {
  const { plan } = pass;
  const { width, heads, context } = plan.config;
  const size = width / heads;
  const scale = 1 / Math.sqrt(size);
  const wide = 3 * width;
  return eachHead(pass, (lane, at) => {
    const { kernels, scratch } = lane;
    const p = { at: scratch.scores, ld: context };
    const dS = { at: scratch.dScores, ld: context };
    const head = headOf(lane, layer.qkv, layer.attended, layer, at);
    const d = headOf(lane, plan.dQkv, plan.dAttended, layer, at);
    const last = Math.floor((context - 1) / QUERY_BLOCK) * QUERY_BLOCK;
    for (let first = last; first >= 0; first -= QUERY_BLOCK) {
      const rows = Math.min(QUERY_BLOCK, context - first);
      const keys = first + rows;
      const dOut = { at: d.out + 4 * first * width, ld: width };
      const isSetting = first === last;
      scoreBlock(lane, head, first, rows);
      const [tops, inverses] = [head.tops + 4 * first, head.inverses + 4 * first];
      kernels.causalSoftmaxAgain(p.at, context, rows, first, keys, scale, tops, inverses);
      kernels.rowDots(dOut.at, width, head.out + 4 * first * width, width, scratch.delta, rows, size);
      multiply(lane, {
        a: dOut,
        b: { at: head.v, ld: wide, isTransposed: true },
        c: dS,
        m: rows,
        n: keys,
        k: size,
      });
      multiply(lane, {
        a: { ...p, isTransposed: true },
        b: dOut,
        c: { at: d.v, ld: wide },
        ...(!isSetting && { from: d.v }),
        m: keys,
        n: size,
        k: rows,
      });
      kernels.softmaxGradient(p.at, dS.at, context, rows, keys, scale, scratch.delta);
      multiply(lane, {
        a: dS,
        b: { at: head.k, ld: wide },
        c: { at: d.q + 4 * first * wide, ld: wide },
        m: rows,
        n: size,
        k: keys,
      });
      multiply(lane, {
        a: { ...dS, isTransposed: true },
        b: { at: head.q + 4 * first * wide, ld: wide },
        c: { at: d.k, ld: wide },
        ...(!isSetting && { from: d.k }),
        m: keys,
        n: size,
        k: rows,
      });
    }
  });
}
