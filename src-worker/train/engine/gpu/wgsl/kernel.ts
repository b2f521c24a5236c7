/** How a shader sees one of its buffers, in the order of its bindings. */
export type Access = 'uniform' | 'read' | 'write' | 'flag';

/** A shader as text, with what its pipeline and bind groups are made from. Equal keys have equal text. */
export interface Kernel {
  readonly key: string;
  readonly code: string;
  readonly access: readonly Access[];
  /** Where it finds the number of its first workgroup; null where it is always one alone. */
  readonly begin: Begin | null;
}

/** A word of a uniform: a dispatch that takes too long is cut, and each part of it begins elsewhere. */
export interface Begin {
  readonly binding: number;
  readonly byte: number;
}

export interface Binding {
  readonly name: string;
  readonly type: string;
  readonly access: Access;
  /** Byte of its member `begin`, for one that has it. */
  readonly beginAt?: number;
}

/**
 * Whole numbers and factors of one pass: what changes from one micro-batch to the next. Binding 0 of every pass. What
 * flows back is the gradient of the micro-batch's own loss, which is the sum of its rows' times `scale`, times `up`, the
 * loss scale. What is added to the gradient is multiplied with `share`, the micro-batch's weight among all, and `down`,
 * which takes the loss scale off again: a gradient that lies in memory is the true one.
 */
export const PARAMS = `struct Params {
  rows: u32, sequences: u32, slot: u32, scale: f32,
  share: f32, up: f32, down: f32, begin: u32,
}`;
export const PARAMS_BYTES = 32;
/** Byte at which `up` and `down` begin. */
export const SCALE_AT = 20;

export const params: Binding = { name: 'params', type: 'Params', access: 'uniform', beginAt: 28 };
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
  return { key, code, access: bindings.map(({ access }) => access), begin: beginOf(bindings) };
}

function beginOf(bindings: readonly Binding[]): Begin | null {
  const binding = bindings.findIndex(({ beginAt }) => beginAt !== undefined);
  return binding < 0 ? null : { binding, byte: bindings[binding]!.beginAt! };
}

/** Most workgroups in one dimension, whatever the adapter. */
export const MAX_GROUPS = 65_535;

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
export const groupFrom = ({ name }: Binding): string =>
  `let group = ${name}.begin + place.y * grid.x + place.x;`;
export const GROUP = groupFrom(params);

/**
 * Threads of a workgroup. A barrier costs a card little. A processor that plays one has its vectors for lanes and switches
 * among all beyond them at each barrier: where threads have a row together, one vector of them takes a tenth of the time
 * there, and where each takes elements as they come, it is faster as well. And to begin a workgroup costs it as much as
 * some elements do.
 */
export interface Lanes {
  /** Of one that has a row. */
  readonly row: number;
  /** Of one that takes elements as they come, and how many vectors of four each thread has of them. */
  readonly stream: number;
  readonly vectors: number;
}
export const CARD_LANES: Lanes = { row: 64, stream: 256, vectors: 1 };
export const SOFTWARE_LANES: Lanes = { row: 8, stream: 8, vectors: 1024 };

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
