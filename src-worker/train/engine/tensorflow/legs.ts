import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import { CARD_STRETCH_MULTIPLY_ADDS, STRETCH_LEAST_ROWS, STRETCH_MULTIPLY_ADDS } from './limits.ts';
import type { Model } from './model.ts';
import type { Piece } from './pieces.ts';
import type { LoadedTfjs, Tensor, Tensor2D } from './tfjs.ts';

/** One half of a layer: what is left whole of the model where it is cut. */
export interface Stage {
  /** Places of its weights among the pieces. */
  readonly weights: readonly number[];
  run(x: Tensor2D, weights: readonly Tensor[]): Tensor2D;
  readonly multiplyAddsARow: number;
  readonly rowsStandAlone: boolean;
}

/** Stages worked in one stretch, so many rows at a time. */
export interface Leg {
  readonly stages: readonly Stage[];
  readonly rowsAtOnce: number;
}

/** How a micro-batch is worked: leg by leg, the last of them together with the head. */
export interface Route {
  readonly legs: readonly Leg[];
  readonly last: Leg;
}

const ATTENTION = ['ln1w', 'ln1b', 'qkvw', 'qkvb', 'attprojw', 'attprojb'] as const;
const WIDE = ['ln2w', 'ln2b', 'fcw', 'fcb', 'fcprojw', 'fcprojb'] as const;

export function stagesOf(config: ModelConfig, model: Model, pieces: readonly Piece[]): readonly Stage[] {
  const { layers, width, context } = config;
  const places = (names: readonly string[], layer: number) =>
    names.map((name) => pieces.findIndex((piece) => piece.name === name && piece.layer === layer));
  return Array.from({ length: layers }, (_, layer): Stage[] => [
    {
      weights: places(ATTENTION, layer),
      run: model.attention,
      multiplyAddsARow: 4 * width ** 2 + 2 * width * context,
      rowsStandAlone: false,
    },
    {
      weights: places(WIDE, layer),
      run: model.wide,
      multiplyAddsARow: 8 * width ** 2,
      rowsStandAlone: true,
    },
  ]).flat();
}

/** How much is handed over in one go. */
export interface Stretch {
  /** Of a pass forward. */
  readonly multiplyAdds: number;
  readonly leastRows: number;
}

export const stretchOf = ({ threads, isOnCard }: Pick<LoadedTfjs, 'threads' | 'isOnCard'>): Stretch => ({
  multiplyAdds: isOnCard ? CARD_STRETCH_MULTIPLY_ADDS : threads * STRETCH_MULTIPLY_ADDS,
  leastRows: STRETCH_LEAST_ROWS,
});

/** Sequences worked together: as many as the whole model takes in one stretch, for what is cut costs a pass more. */
export function sequencesAtOnce(
  stages: readonly Stage[],
  { context, width, vocab }: ModelConfig,
  { multiplyAdds }: Stretch,
): number {
  const aRow = stages.reduce((sum, stage) => sum + stage.multiplyAddsARow, width * vocab);
  return Math.max(1, Math.floor(multiplyAdds / (aRow * context)));
}

/**
 * Cuts the model where a stretch would grow too long, from its end on. A small one is left whole: its gradient is taken
 * in one go. What is cut keeps the input of each leg alone and computes a leg once more on the way back.
 */
export function routeOf(
  stages: readonly Stage[],
  { width, vocab }: ModelConfig,
  { rows, stretch }: { readonly rows: number; readonly stretch: Stretch },
): Route {
  const rowsFor = (multiplyAddsARow: number) =>
    Math.min(rows, Math.max(stretch.leastRows, Math.floor(stretch.multiplyAdds / multiplyAddsARow)));
  /** The stages before `until` that fit into what is left of a stretch. */
  const fitting = (until: number, left: number): readonly Stage[] => {
    let from = until;
    for (let rest = left; from > 0; from -= 1) {
      rest -= rows * stages[from - 1]!.multiplyAddsARow;
      if (rest < 0) break;
    }
    return stages.slice(from, until);
  };
  const head = width * vocab;
  const withHead = fitting(stages.length, stretch.multiplyAdds - rows * head);
  const legs: Leg[] = [];
  for (let until = stages.length - withHead.length; until > 0; until -= legs[0]!.stages.length) {
    const taken = fitting(until, stretch.multiplyAdds);
    const alone = stages[until - 1]!;
    if (taken.length > 0) legs.unshift({ stages: taken, rowsAtOnce: rows });
    else
      legs.unshift({
        stages: [alone],
        rowsAtOnce: alone.rowsStandAlone ? rowsFor(alone.multiplyAddsARow) : rows,
      });
  }
  return { legs, last: { stages: withHead, rowsAtOnce: withHead.length > 0 ? rows : rowsFor(head) } };
}
