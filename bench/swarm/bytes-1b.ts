import { ChunkCoder } from '../../src-shared/codec/chunk-coder.ts';
import { valueCodecs } from '../../src-shared/codec/table.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import { liveProfile } from '../../src-shared/profile/shipped.ts';
import { chunkGrid, chunkLength } from '../../src-shared/reduce/chunks.ts';
import { ChunkSum } from '../../src-shared/reduce/sum.ts';
import { type Figure, figure } from '../report/figures.ts';

const TIER = 'sparse';
const MEMBERS = 8;
/** One chunk in so many is really encoded, summed and encoded again; sizes of contributions are those of all. */
const EVERY = 64;

/**
 * Bytes that a member sends and receives in a round at 1.1B with the lowest tiers, over fp16 both ways. Of N members
 * with equal parts each sends and receives (N-1)/N of a contribution and of a mean, so both sides have that factor.
 * What of a mean is zero hangs on how many members send, and how alike: of independent ones, as here, it is the least.
 */
export async function bytesOfLowTiers(): Promise<Figure> {
  const { model, codec } = liveProfile('gpt2-1.1b').consensus;
  const elements = parameterCount(model);
  const grid = chunkGrid(elements, codec.chunkElements);
  const coder = new ChunkCoder(grid, { model, codec: { ...codec, result: 'int8' } });
  const contribution = coder.offsets(TIER).at(-1)!;
  let [resultBytes, sampled] = [0, 0];
  for (let chunk = 0; chunk < grid.chunks; chunk += EVERY) {
    const length = chunkLength(grid, chunk);
    const sum = new ChunkSum(length);
    for (let member = 0; member < MEMBERS; member++)
      sum.add(
        coder.decode(TIER, chunk, coder.encode(TIER, chunk, normal(length, chunk * MEMBERS + member)))!,
        1,
        0,
      );
    resultBytes += sum.result((exact, divisor) => coder.encodeResult(exact, divisor)).length;
    sampled += length;
  }
  const mean = (resultBytes / sampled) * elements;
  const fp16 = 2 * valueCodecs.fp16.bytes(elements);
  const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  const seen = `${MEMBERS} members, ${TIER} ${mb(contribution)} up, int8 ${mb(mean)} home, of ${mb(fp16 / 2)} each`;
  return figure('bytes-1b', (contribution + mean) / fp16, '', { floor: 0.35, goal: 0.2, seen });
}

/** Normal numbers of the size of a pseudo-gradient, by Box and Muller; the same for the same seed. */
function normal(length: number, seed: number): Float32Array {
  let state = seed >>> 0;
  // The generator of Numerical Recipes; of 32 bits the upper ones are good enough for sizes.
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return Float32Array.from(
    { length },
    () => 1e-3 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}
