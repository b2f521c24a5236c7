import { ChunkCoder } from '../../../src-shared/codec/chunk-coder.ts';

/**
 * A reducer that returns the mean of its chunks with the signs turned round, signed as if it were right: each step leads
 * everybody uphill there. All else about it is honest, so that only an audit finds it.
 */
export class LyingCoder extends ChunkCoder {
  override encodeResult(sum: Float64Array, divisor: number): Uint8Array<ArrayBuffer> {
    return super.encodeResult(
      sum.map((value) => -value),
      divisor,
    );
  }
}
