import {
  ENTRY,
  groupFrom,
  type Kernel,
  kernel,
  type Lanes,
  read,
  write,
} from '../../src-worker/train/engine/gpu/wgsl/kernel.ts';
import { eachVector, SPAN, span } from '../../src-worker/train/engine/gpu/wgsl/optimizer.ts';

/**
 * A shader that does nothing but copy, cut as the optimizer's are: what an adapter's memory gives to shaders. A card gives
 * them what its own copy gets; a processor that plays one reads and writes for each thread, and copies at once.
 */
export function copyKernel(lanes: Lanes): Kernel {
  return kernel(
    `copy ${lanes.stream} ${lanes.vectors}`,
    [span, read('given', 'array<vec4f>'), write('kept', 'array<vec4f>')],
    `${SPAN}
@compute @workgroup_size(${lanes.stream}) fn main(${ENTRY}) {
  ${groupFrom(span)}
  ${eachVector(lanes)}
    kept[i] = given[i];
  }
}`,
  );
}
