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
}): Kernel {
  const { width, context, firstToken, tokens } = options;
  const vectors = width / 4;
  return kernel(
    `embed ${width} ${context} ${firstToken} ${tokens}`,
    [
      params,
      read('ids', 'array<u32>'),
      read('wte', 'array<vec4f>'),
      read('wpe', 'array<vec4f>'),
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
  for (var c = lane; c < ${vectors}u; c = c + ${LANES}u) {
    out[row * ${vectors}u + c] = wte[token * ${vectors}u + c] + wpe[position * ${vectors}u + c];
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
  const vectors = width / 4;
  return kernel(
    `embedBackTokens ${width} ${firstToken} ${tokens}`,
    [
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
  for (var c = lane; c < ${vectors}u; c = c + ${LANES}u) {
    var sum = dWte[token * ${vectors}u + c];
    for (var i = starts[group]; i < starts[group + 1u]; i = i + 1u) {
      sum = sum + d[order[i] * ${vectors}u + c];
    }
    dWte[token * ${vectors}u + c] = sum;
  }
}`,
  );
}

/** Way back of the positions: one workgroup a position adds its row of every sequence, in order. */
export function embedBackPositions({ width, context }: { width: number; context: number }): Kernel {
  const vectors = width / 4;
  return kernel(
    `embedBackPositions ${width} ${context}`,
    [params, read('d', 'array<vec4f>'), write('dWpe', 'array<vec4f>')],
    `
@compute @workgroup_size(${LANES}) fn main(${ENTRY}) {
  ${GROUP}
  if (group >= ${context}u) { return; }
  for (var c = lane; c < ${vectors}u; c = c + ${LANES}u) {
    var sum = dWpe[group * ${vectors}u + c];
    for (var row = group; row < params.rows; row = row + ${context}u) { sum = sum + d[row * ${vectors}u + c]; }
    dWpe[group * ${vectors}u + c] = sum;
  }
}`,
  );
}
