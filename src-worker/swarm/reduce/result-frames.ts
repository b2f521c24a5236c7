import { RESULT_FRAMES_KEPT } from '../limits.ts';
import { encodeResultFrame, type SignedResult } from './frames.ts';
import type { RoundPlan } from './plan.ts';

/**
 * Results as they go out. All members are told the same of a chunk, and about at the same time: it is read and encoded
 * once for all of them.
 */
export class ResultFrames {
  readonly #plan: RoundPlan;
  readonly #read: (chunk: number) => Promise<SignedResult | null>;
  readonly #kept = new Map<number, Promise<Uint8Array | null>>();

  /** @param read the result that is held of a chunk */
  constructor(plan: RoundPlan, read: (chunk: number) => Promise<SignedResult | null>) {
    this.#plan = plan;
    this.#read = read;
  }

  /** @returns null when no result of that chunk is held */
  of(chunk: number): Promise<Uint8Array | null> {
    const known = this.#kept.get(chunk);
    if (known) return known;
    const encoded = this.#encode(chunk);
    this.#kept.set(chunk, encoded);
    const [first] = this.#kept.keys();
    if (this.#kept.size > RESULT_FRAMES_KEPT) this.#kept.delete(first!);
    return encoded;
  }

  async #encode(chunk: number): Promise<Uint8Array | null> {
    const result = await this.#read(chunk).catch((thrown: unknown) => {
      this.#kept.delete(chunk);
      throw thrown;
    });
    // A standby's gives way to the reducer's own, which never changes.
    if (result?.signer !== this.#plan.reducerOf(chunk)) this.#kept.delete(chunk);
    const { coder, tag } = this.#plan;
    return result && encodeResultFrame({ chunk, tag, codec: coder.resultWire }, result);
  }
}
