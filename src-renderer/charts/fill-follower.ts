import type { Edge } from '../../src-shared/contract/swarm.ts';
import { progressOf } from './butterfly-geometry.ts';

/** Patches come twice a second; the picture walks to the new value in about that time and then rests. */
const CATCH_UP_MS = 400;
const FIRST_STEP = 0.2;
const CLOSE_ENOUGH = 0.002;

/**
 * Lets the drawn share of each edge follow the received one. It moves only because bytes were received: without
 * news it comes to rest. A finished or failed edge, and everything with reduced motion, is drawn as it is.
 */
export class FillFollower {
  readonly #shown = new Map<string, number>();
  readonly #isStill: boolean;
  #lastMs: number | null = null;

  constructor(isStill: boolean) {
    this.#isStill = isStill;
  }

  /** @returns whether another picture is needed to catch up */
  advance(edges: readonly Edge[], nowMs: number): boolean {
    // After a rest there is no last picture to measure from: begin with one step, not with a jump.
    const step = Math.min(1, this.#lastMs === null ? FIRST_STEP : (nowMs - this.#lastMs) / CATCH_UP_MS);
    this.#lastMs = nowMs;
    let isBehind = false;
    for (const edge of edges) {
      const wanted = progressOf(edge);
      const shown = this.#shown.get(keyOf(edge));
      const rests = this.#isStill || edge.state !== 'moving' || shown === undefined || wanted < shown;
      const next = rests ? wanted : shown + (wanted - shown) * step;
      this.#shown.set(keyOf(edge), wanted - next < CLOSE_ENOUGH ? wanted : next);
      isBehind ||= wanted - next >= CLOSE_ENOUGH;
    }
    if (!isBehind) this.#lastMs = null;
    this.#forgetAbsent(edges);
    return isBehind;
  }

  fillOf = (edge: Edge): number => this.#shown.get(keyOf(edge)) ?? progressOf(edge);

  #forgetAbsent(edges: readonly Edge[]): void {
    if (this.#shown.size <= edges.length) return;
    const present = new Set(edges.map(keyOf));
    for (const key of this.#shown.keys()) if (!present.has(key)) this.#shown.delete(key);
  }
}

const keyOf = ({ hotkey, direction }: Edge): string => `${direction} ${hotkey}`;
