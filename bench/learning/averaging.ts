import { ChunkCoder } from '../../src-shared/codec/chunk-coder.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { chunkGrid, chunkLength, chunkStart } from '../../src-shared/reduce/chunks.ts';
import { ChunkSum } from '../../src-shared/reduce/sum.ts';
import type { Averaged } from './arms.ts';

/** What a round's exchange came to. */
export interface RoundMean {
  readonly mean: Float64Array;
  /** Of one member's whole contribution, and of the whole mean. */
  readonly contributionBytes: number;
  readonly meanBytes: number;
}

/** Rounds of contributions as the app encodes, sums and rounds them, with what each member still owes. */
export class Averaging {
  readonly #coder: ChunkCoder;
  readonly #grid;
  readonly #arm: Averaged;
  readonly #residues: readonly Float32Array[];

  constructor({ model, codec }: Consensus, arm: Averaged, elements: number, members: number) {
    this.#arm = arm;
    this.#grid = chunkGrid(elements, codec.chunkElements);
    this.#coder = new ChunkCoder(this.#grid, { model, codec: { ...codec, result: arm.result } });
    this.#residues = Array.from({ length: members }, () => new Float32Array(elements));
  }

  /**
   * The mean over those present of delta + what counts of the residue. What was taken leaves the residue; who is absent
   * keeps all of it.
   * @param deltas base - local of each member; they are overwritten
   */
  round(deltas: readonly Float32Array[], present: readonly boolean[]): RoundMean {
    const { codec, residueDecay } = this.#arm;
    const mean = new Float64Array(this.#grid.elements);
    let [contributionBytes, meanBytes] = [0, 0];
    for (const [member, delta] of deltas.entries()) {
      const residue = this.#residues[member]!;
      for (let i = 0; i < delta.length; i++) residue[i] = delta[i]! + residueDecay * residue[i]!;
    }
    for (let chunk = 0; chunk < this.#grid.chunks; chunk++) {
      const from = chunkStart(this.#grid, chunk);
      const sum = new ChunkSum(chunkLength(this.#grid, chunk));
      contributionBytes += this.#coder.bytes(codec, chunk);
      for (const [member, residue] of this.#residues.entries()) {
        if (!present[member]) continue;
        const owed = residue.subarray(from, from + sum.length);
        const sent = this.#coder.decode(codec, chunk, this.#coder.encode(codec, chunk, owed));
        if (!sent) throw new Error('a contribution that nobody can read');
        sum.add(sent, 1, 0);
        for (let i = 0; i < owed.length; i++) owed[i] = owed[i]! - sent[i]!;
      }
      if (sum.divisor === 0) continue;
      const bytes = sum.result((exact, divisor) => this.#coder.encodeResult(exact, divisor));
      meanBytes += bytes.length;
      mean.set(this.#coder.decodeResult(chunk, bytes)!, from);
    }
    return { mean, contributionBytes, meanBytes };
  }
}
