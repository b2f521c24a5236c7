import { type Format, flagOf, stored, storing, vectors } from './format.ts';
import { ENTRY, GROUP, type Kernel, kernel, params, read, write } from './kernel.ts';

/**
 * Causal attention without a square of scores. Rows of `qkv` hold queries, keys and values of all heads one after the
 * other. A thread has one query (or one key), and every thread of a workgroup reads the same key at the same time.
 */
export interface AttentionShape {
  readonly heads: number;
  /** Channels of one head; a multiple of 4. */
  readonly depth: number;
  readonly context: number;
  /** Of `qkv`, of what comes out, and of what flows back into `qkv`. */
  readonly format: Format;
}

const LANES = 64;

/** Workgroups for so many sequences. */
export const attentionGroups = ({ heads, context }: AttentionShape, sequences: number): number =>
  sequences * heads * Math.ceil(context / LANES);

const keyOf = (name: string, { heads, depth, context, format }: AttentionShape): string =>
  `${name} ${heads} ${depth} ${context} ${format}`;

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Vectors of one head's row in registers: they are spelled out, because an indexed array would go to memory. */
class Registers {
  readonly #depth: number;
  constructor({ depth }: AttentionShape) {
    this.#depth = depth / 4;
  }
  each(line: (d: number) => string): string {
    return range(this.#depth).map(line).join('\n    ');
  }
  /** Sum of products of the vectors `a0`, `a1` … with what `b` names. */
  dot(a: string, b: (d: number) => string): string {
    return range(this.#depth)
      .map((d) => `dot(${a}${d}, ${b(d)})`)
      .join(' + ');
  }
}

/** Where a thread stands: sequence, head, its own position. `LD` is a row of qkv in vectors, `OUT` one of its thirds. */
const place = ({ heads, depth, context, format }: AttentionShape): string => {
  const blocks = Math.ceil(context / LANES);
  const width = (heads * depth) / 4;
  return `${storing(format)}
const LD = ${3 * width}u;
const OUT = ${width}u;
const D = ${depth / 4}u;
const SCALE = ${1 / Math.sqrt(depth)};
struct Place { valid: bool, first: u32, head: u32, block: u32, own: u32 }
fn placeOf(group: u32, lane: u32) -> Place {
  let block = group % ${blocks}u;
  let head = group / ${blocks}u % ${heads}u;
  let sequence = group / ${blocks * heads}u;
  let own = block * ${LANES}u + lane;
  return Place(sequence < params.sequences && own < ${context}u, sequence * ${context}u, head, block, own);
}`;
};

/** Where this thread stands; what lies beyond the context or the sequences does nothing. */
const STAND = `${GROUP}
  let at = placeOf(group, lane);
  if (!at.valid) { return; }`;

/**
 * out = softmax(q k^T / sqrt(depth)) v with the running maximum, and `lse`, the logarithm of each row's sum, for the
 * way back (flash attention).
 */
export function attention(shape: AttentionShape): Kernel {
  const { heads, format } = shape;
  const r = new Registers(shape);
  return kernel(
    keyOf('attention', shape),
    [
      params,
      read('qkv', vectors(format)),
      write('out', vectors(format)),
      write('lse', 'array<f32>'),
      ...flagOf(format),
    ],
    `${place(shape)}
@compute @workgroup_size(${LANES}) fn main(${ENTRY}) {
  ${STAND}
  let row = at.first + at.own;
  let q = row * LD + at.head * D;
    ${r.each((d) => `let q${d} = vec4f(qkv[q + ${d}u]) * SCALE;`)}
    ${r.each((d) => `var o${d} = vec4f();`)}
  var top = -3.0e38;
  var sum = 0.0;
  for (var j = 0u; j <= at.own; j = j + 1u) {
    let key = (at.first + j) * LD + OUT + at.head * D;
    let value = key + OUT;
    let score = ${r.dot('q', (d) => `vec4f(qkv[key + ${d}u])`)};
    let higher = max(top, score);
    let keep = exp(top - higher);
    let weight = exp(score - higher);
    top = higher;
    sum = sum * keep + weight;
    ${r.each((d) => `o${d} = o${d} * keep + vec4f(qkv[value + ${d}u]) * weight;`)}
  }
  let goal = row * OUT + at.head * D;
    ${r.each((d) => `out[goal + ${d}u] = ${stored(format, `o${d} / sum`)};`)}
  lse[row * ${heads}u + at.head] = top + log(sum);
}`,
  );
}

/**
 * dQ: a thread a query, over the keys up to its own position. Leaves `delta` for `attentionBackKeys`: the sum over a head's
 * channels of dOut * out, which every score's gradient of that query has in level.
 */
export function attentionBackQueries(shape: AttentionShape): Kernel {
  const { heads, format } = shape;
  const r = new Registers(shape);
  return kernel(
    keyOf('attentionBackQueries', shape),
    [
      params,
      read('qkv', vectors(format)),
      read('out', vectors(format)),
      read('dOut', 'array<vec4f>'),
      read('lse', 'array<f32>'),
      write('delta', 'array<f32>'),
      write('dQkv', vectors(format)),
      ...flagOf(format),
    ],
    `${place(shape)}
@compute @workgroup_size(${LANES}) fn main(${ENTRY}) {
  ${STAND}
  let row = at.first + at.own;
  let q = row * LD + at.head * D;
  let o = row * OUT + at.head * D;
    ${r.each((d) => `let q${d} = vec4f(qkv[q + ${d}u]) * SCALE;`)}
    ${r.each((d) => `let g${d} = dOut[o + ${d}u];`)}
    ${r.each((d) => `var dq${d} = vec4f();`)}
  let total = lse[row * ${heads}u + at.head];
  let level = ${r.dot('g', (d) => `vec4f(out[o + ${d}u])`)};
  delta[row * ${heads}u + at.head] = level;
  for (var j = 0u; j <= at.own; j = j + 1u) {
    let key = (at.first + j) * LD + OUT + at.head * D;
    let value = key + OUT;
    let weight = exp(${r.dot('q', (d) => `vec4f(qkv[key + ${d}u])`)} - total);
    let slope = weight * (${r.dot('g', (d) => `vec4f(qkv[value + ${d}u])`)} - level) * SCALE;
    ${r.each((d) => `dq${d} = dq${d} + vec4f(qkv[key + ${d}u]) * slope;`)}
  }
    ${r.each((d) => `dQkv[q + ${d}u] = ${stored(format, `dq${d}`)};`)}
}`,
  );
}

/** dK and dV: a thread a key, over the queries from its own position on. */
export function attentionBackKeys(shape: AttentionShape): Kernel {
  const { heads, context, format } = shape;
  const r = new Registers(shape);
  return kernel(
    keyOf('attentionBackKeys', shape),
    [
      params,
      read('qkv', vectors(format)),
      read('dOut', 'array<vec4f>'),
      read('lse', 'array<f32>'),
      read('delta', 'array<f32>'),
      write('dQkv', vectors(format)),
      ...flagOf(format),
    ],
    `${place(shape)}
@compute @workgroup_size(${LANES}) fn main(${ENTRY}) {
  ${STAND}
  let key = (at.first + at.own) * LD + OUT + at.head * D;
  let value = key + OUT;
    ${r.each((d) => `let k${d} = vec4f(qkv[key + ${d}u]) * SCALE;`)}
    ${r.each((d) => `let v${d} = vec4f(qkv[value + ${d}u]);`)}
    ${r.each((d) => `var dk${d} = vec4f(); var dv${d} = vec4f();`)}
  for (var j = at.own; j < ${context}u; j = j + 1u) {
    let row = at.first + j;
    let q = row * LD + at.head * D;
    let o = row * OUT + at.head * D;
    let weight = exp(${r.dot('k', (d) => `vec4f(qkv[q + ${d}u])`)} - lse[row * ${heads}u + at.head]);
    let slope = weight * (${r.dot('v', (d) => `dOut[o + ${d}u]`)} - delta[row * ${heads}u + at.head]) * SCALE;
    ${r.each((d) => `dv${d} = dv${d} + dOut[o + ${d}u] * weight; dk${d} = dk${d} + vec4f(qkv[q + ${d}u]) * slope;`)}
  }
    ${r.each((d) => `dQkv[key + ${d}u] = ${stored(format, `dk${d}`)}; dQkv[value + ${d}u] = ${stored(format, `dv${d}`)};`)}
}`,
  );
}
