import type { Fates } from '../../../src-worker/swarm/reduce/fates.ts';
import { wantFrame } from './frame.ts';
import type { SimLine } from './sim-line.ts';

interface Gathering {
  readonly chunks: number;
  readonly fates: Fates;
  readonly lines: ReadonlyMap<number, SimLine>;
  readonly has: (chunk: number) => boolean;
  /** Nothing is missing any more, or nobody is left to be asked. */
  readonly onOver: () => void;
}

/** Asks the others in turn, from the next one on, for results that did not come by themselves, as `gatherMissing` does. */
export class SimGather {
  readonly #gathering: Gathering;
  #donorsLeft: number[] | null = null;

  constructor(gathering: Gathering) {
    this.#gathering = gathering;
  }

  begin(): void {
    this.#donorsLeft = [...this.#gathering.lines.keys()];
    this.#ask();
  }

  /** The one that was asked has nothing more of it, or is gone. */
  isDone(donor: number): void {
    if (this.#donorsLeft?.[0] !== donor) return;
    this.#donorsLeft.shift();
    this.#ask();
  }

  #ask(): void {
    const { chunks, fates, lines, has, onOver } = this.#gathering;
    const left = this.#donorsLeft!;
    const missing = Array.from({ length: chunks }, (_, chunk) => chunk).filter(
      (chunk) => !has(chunk) && !fates.isSettled(chunk),
    );
    while (left.length > 0 && !lines.get(left[0]!)!.alive) left.shift();
    const donor = lines.get(left[0]!);
    if (missing.length === 0 || !donor) onOver();
    else donor.say(wantFrame(missing));
  }
}
