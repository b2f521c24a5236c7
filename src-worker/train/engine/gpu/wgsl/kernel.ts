/** How a shader sees one of its buffers, in the order of its bindings. */
export type Access = 'uniform' | 'read' | 'write' | 'flag';

/** A shader as text, with what its pipeline and bind groups are made from. Equal keys have equal text. */
export interface Kernel {
  readonly key: string;
  readonly code: string;
  readonly access: readonly Access[];
}

export interface Binding {
  readonly name: string;
  readonly type: string;
  readonly access: Access;
}

/**
 * Whole numbers and factors of one pass: what changes from one micro-batch to the next. Binding 0 of every pass. What
 * flows back is the gradient of the micro-batch's own loss, which is the sum of its rows' times `scale`, times `up`, the
 * loss scale. What is added to the gradient is multiplied with `share`, the micro-batch's weight among all, and `down`,
 * which takes the loss scale off again: a gradient that lies in memory is the true one.
 */
export const PARAMS = `struct Params {
  rows: u32, sequences: u32, slot: u32, scale: f32,
  share: f32, up: f32, down: f32,
}`;
export const PARAMS_BYTES = 28;
/** Byte at which `up` and `down` begin. */
export const SCALE_AT = 20;

export const params: Binding = { name: 'params', type: 'Params', access: 'uniform' };
export const read = (name: string, type: string): Binding => ({ name, type, access: 'read' });
export const write = (name: string, type: string): Binding => ({ name, type, access: 'write' });

const SPACE: Readonly<Record<Access, string>> = {
  uniform: 'uniform',
  read: 'storage, read',
  write: 'storage, read_write',
  flag: 'storage, read_write',
};

/**
 * Puts a shader together: structs, bindings in order, then the body, whose entry point is `main`.
 * @param needs extensions of WGSL beside the one that bindings ask for
 */
export function kernel(
  key: string,
  bindings: readonly Binding[],
  body: string,
  needs: readonly string[] = [],
): Kernel {
  const declared = bindings.map(
    ({ name, type, access }, index) => `@group(0) @binding(${index}) var<${SPACE[access]}> ${name}: ${type};`,
  );
  const isHalf = bindings.some(({ type }) => type.includes('vec4h'));
  const enabled = [...(isHalf ? ['f16'] : []), ...needs].map((extension) => `enable ${extension};`);
  const code = [...enabled, PARAMS, ...declared, body].join('\n');
  return { key, code, access: bindings.map(({ access }) => access) };
}

/** Most workgroups in one dimension, whatever the adapter. */
const MAX_GROUPS = 65_535;

export type Groups = readonly [number, number];

/** So many workgroups as a grid; shaders find their own with `groupOf`, and those beyond the count do nothing. */
export function grid(count: number): Groups {
  if (count <= MAX_GROUPS) return [Math.max(1, count), 1];
  const rows = Math.ceil(count / MAX_GROUPS);
  return [Math.ceil(count / rows), rows];
}

/** The builtins that every entry point takes, and the number of its workgroup. */
export const ENTRY =
  '@builtin(workgroup_id) place: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32';
export const GROUP = 'let group = place.y * grid.x + place.x;';

/**
 * Threads of a workgroup that has one row: a barrier costs a card little. A processor that plays one has its vectors for
 * lanes and switches among all beyond them at each barrier; one vector of threads takes a tenth of the time there.
 */
export const ROW_LANES = 64;
export const ROW_LANES_SOFTWARE = 8;

/** The sum over a workgroup of `size` lanes (a power of two), the same in each of them. `sums` is of that length. */
export const sumOver = (size: number): string => `
var<workgroup> sums: array<f32, ${size}>;
fn total(lane: u32, value: f32) -> f32 {
  sums[lane] = value;
  workgroupBarrier();
  for (var half = ${size / 2}u; half > 0u; half = half / 2u) {
    if (lane < half) { sums[lane] = sums[lane] + sums[lane + half]; }
    workgroupBarrier();
  }
  let sum = sums[0];
  workgroupBarrier();
  return sum;
}`;
