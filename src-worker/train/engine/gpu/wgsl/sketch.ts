import { SKETCH_PROJECTIONS } from '../../../../../src-shared/scoring/gradient.ts';
import { SKETCH_SUMS } from '../../sketch.ts';
import { type Binding, ENTRY, groupFrom, type Kernel, kernel, read, write } from './kernel.ts';

/** 17 sums of each lane lie in workgroup memory, of which every adapter has 16 KiB. */
const LANES = 128;
export const JOB_BYTES = 20;
const JOB: Binding = { name: 'job', type: 'Job', access: 'uniform', beginAt: 16 };
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/**
 * The sums that a gradient's sketch is made of (`../../sketch.ts`), one workgroup a part. A part is three words in
 * `parts`: its first element in the bound window, its length, its first element in the flat vector.
 */
export function sketchSums(): Kernel {
  const sums = range(SKETCH_PROJECTIONS);
  return kernel(
    'sketchSums',
    [JOB, read('parts', 'array<vec4u>'), read('gradient', 'array<f32>'), write('out', 'array<f32>')],
    `struct Job { keyA: u32, keyB: u32, first: u32, count: u32, begin: u32 }
var<workgroup> shared_: array<f32, ${LANES * SKETCH_SUMS}>;
fn mix(x: u32) -> u32 {
  var h = (x ^ (x >> 16u)) * 0x85ebca6bu;
  h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
  return h ^ (h >> 16u);
}
@compute @workgroup_size(${LANES}) fn main(${ENTRY}) {
  ${groupFrom(JOB)}
  if (group >= job.count) { return; }
  let part = parts[job.first + group];
  var size = 0.0;
  ${sums.map((k) => `var p${k} = 0.0;`).join(' ')}
  for (var i = lane; i < part.y; i = i + ${LANES}u) {
    let value = gradient[part.x + i];
    let bits = bitcast<u32>(value);
    let signs = mix(mix((part.z + i) ^ job.keyA) + job.keyB);
    size = size + abs(value);
    ${sums.map((k) => `p${k} = p${k} + bitcast<f32>(bits ^ ((signs << ${31 - k}u) & 0x80000000u));`).join('\n    ')}
  }
  let at = lane * ${SKETCH_SUMS}u;
  shared_[at] = size;
  ${sums.map((k) => `shared_[at + ${k + 1}u] = p${k};`).join(' ')}
  workgroupBarrier();
  for (var half = ${LANES / 2}u; half > 0u; half = half / 2u) {
    if (lane < half) {
      for (var k = 0u; k < ${SKETCH_SUMS}u; k = k + 1u) {
        shared_[at + k] = shared_[at + k] + shared_[at + half * ${SKETCH_SUMS}u + k];
      }
    }
    workgroupBarrier();
  }
  if (lane < ${SKETCH_SUMS}u) { out[(job.first + group) * ${SKETCH_SUMS}u + lane] = shared_[lane]; }
}`,
  );
}
