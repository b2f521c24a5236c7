import { type Format, vectors } from './format.ts';
import { ENTRY, GROUP, type Kernel, kernel, params, read, write } from './kernel.ts';

/** Lanes of one workgroup: each takes a vector of four channels at a time. */
const LANES = 64;

/**
 * out[row] = wte[ids[row]] + wpe[row mod context], for the rows whose token lies in this shard of the vocabulary.
 * One workgroup a row.
 */
export function embed(options: {
  readonly width: number;
  readonly context: number;
  readonly firstToken: number;
  readonly tokens: number;
  /** Of both embeddings. */
  readonly format: Format;
}): Kernel {
  const { width, context, firstToken, tokens, format } = options;
  const own = width / 4;
  return kernel(
    `embed ${width} ${context} ${firstToken} ${tokens} ${format}`,
    [
      params,
      read('ids', 'array<u32>'),
      read('wte', vectors(format)),
      read('wpe', vectors(format)),
      write('out', 'array<vec4f>'),
    ],
    `
@compute @workgroup_size(${LANES}) fn main(${ENTRY}) {
  ${GROUP}
  let row = group;
  if (row >= params.rows) { return; }
  let token = ids[row] - ${firstToken}u;
  if (token >= ${tokens}u) { return; }
  let position = row % ${context}u;
  for (var c = lane; c < ${own}u; c = c + ${LANES}u) {
    out[row * ${own}u + c] = vec4f(wte[token * ${own}u + c]) + vec4f(wpe[position * ${own}u + c]);
  }
}`,
  );
}

/**
 * Way back of the tokens: one workgroup for each distinct token of the micro-batch adds the rows that it stands in, in
 * order, so that nothing is added by two and the sum is the same on every run. The host lists them: `tokens[i]` has the
 * rows `order[starts[i]]` up to `order[starts[i + 1]]`.
 */
export function embedBackTokens(options: {
  readonly width: number;
  readonly firstToken: number;
  readonly tokens: number;
}): Kernel {
  const { width, firstToken, tokens } = options;
  const own = width / 4;
  return kernel(
    `embedBackTokens ${width} ${firstToken} ${tokens}`,
    [
      params,
      read('distinct', 'array<u32>'),
      read('starts', 'array<u32>'),
      read('order', 'array<u32>'),
      read('d', 'array<vec4f>'),
      write('dWte', 'array<vec4f>'),
    ],
    `
@compute @workgroup_size(${LANES}) fn main(${ENTRY}) {
  ${GROUP}
  if (group >= distinct[0]) { return; }
  let token = distinct[group + 1u] - ${firstToken}u;
  if (token >= ${tokens}u) { return; }
  for (var c = lane; c < ${own}u; c = c + ${LANES}u) {
    var sum = vec4f();
    for (var i = starts[group]; i < starts[group + 1u]; i = i + 1u) {
      sum = sum + d[order[i] * ${own}u + c];
    }
    dWte[token * ${own}u + c] = dWte[token * ${own}u + c] + sum * (params.share * params.down);
  }
}`,
  );
}

/** Way back of the positions: one workgroup a position adds its row of every sequence, in order. */
export function embedBackPositions({ width, context }: { width: number; context: number }): Kernel {
  const own = width / 4;
  return kernel(
    `embedBackPositions ${width} ${context}`,
    [params, read('d', 'array<vec4f>'), write('dWpe', 'array<vec4f>')],
    `
@compute @workgroup_size(${LANES}) fn main(${ENTRY}) {
  ${GROUP}
  if (group >= ${context}u) { return; }
  for (var c = lane; c < ${own}u; c = c + ${LANES}u) {
    var sum = vec4f();
    for (var row = group; row < params.rows; row = row + ${context}u) { sum = sum + d[row * ${own}u + c]; }
    dWpe[group * ${own}u + c] = dWpe[group * ${own}u + c] + sum * (params.share * params.down);
  }
}`,
  );
}
