import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import { CARD_STRETCH_MULTIPLY_ADDS, STRETCH_LEAST_ROWS, STRETCH_MULTIPLY_ADDS } from './limits.ts';
import type { Model } from './model.ts';
import type { Piece } from './pieces.ts';
import type { LoadedTfjs, Tensor } from './tfjs.ts';

/** A part of a layer: what is left whole of the model where it is cut. */
export interface Stage {
  /** Places of its weights among the pieces. */
  readonly weights: readonly number[];
  run(x: Tensor, weights: readonly Tensor[]): Tensor;
  readonly multiplyAddsARow: number;
  /** What of its input stands alone. */
  readonly alone: 'rows' | 'heads' | 'nothing';
}

/** Stages worked in one stretch, on so many rows (axis 0) or heads (axis 1) at a time. */
export interface Leg {
  readonly stages: readonly Stage[];
  readonly axis: 0 | 1;
  readonly atOnce: number;
}

/** How a micro-batch is worked: leg by leg, the last of them together with the head. */
export interface Route {
  readonly legs: readonly Leg[];
  readonly last: Leg;
}

const ASK = ['ln1w', 'ln1b', 'qkvw', 'qkvb'] as const;
const JOIN = ['attprojw', 'attprojb'] as const;
const WIDE = ['ln2w', 'ln2b', 'fcw', 'fcb', 'fcprojw', 'fcprojb'] as const;

/** In halves of layers; attention in three where that of one sequence does not fit into a stretch. */
export function stagesOf(
  { layers, width, context }: ModelConfig,
  { model, pieces, stretch }: { model: Model; pieces: readonly Piece[]; stretch: Stretch },
): readonly Stage[] {
  const places = (names: readonly string[], layer: number) =>
    names.map((name) => pieces.findIndex((piece) => piece.name === name && piece.layer === layer));
  const mixing = 2 * width * context;
  const attention = (layer: number): Stage => ({
    weights: places([...ASK, ...JOIN], layer),
    run: model.attention,
    multiplyAddsARow: 4 * width ** 2 + mixing,
    alone: 'nothing',
  });
  const inThree = (layer: number): Stage[] => [
    { weights: places(ASK, layer), run: model.ask, multiplyAddsARow: 3 * width ** 2, alone: 'rows' },
    { weights: [], run: model.mix, multiplyAddsARow: mixing, alone: 'heads' },
    { weights: places(JOIN, layer), run: model.join, multiplyAddsARow: width ** 2, alone: 'rows' },
  ];
  const isLong = context * attention(0).multiplyAddsARow > stretch.multiplyAdds;
  return Array.from({ length: layers }, (_, layer): Stage[] => [
    ...(isLong ? inThree(layer) : [attention(layer)]),
    { weights: places(WIDE, layer), run: model.wide, multiplyAddsARow: 8 * width ** 2, alone: 'rows' },
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
  { width, heads, vocab }: ModelConfig,
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
  const cut = (stage: Stage): Leg => {
    const { multiplyAddsARow, alone } = stage;
    if (alone === 'nothing') return { stages: [stage], axis: 0, atOnce: rows };
    if (alone === 'rows') return { stages: [stage], axis: 0, atOnce: rowsFor(multiplyAddsARow) };
    const aHead = (rows * multiplyAddsARow) / heads;
    return { stages: [stage], axis: 1, atOnce: Math.max(1, Math.floor(stretch.multiplyAdds / aHead)) };
  };
  const head = width * vocab;
  const withHead = fitting(stages.length, stretch.multiplyAdds - rows * head);
  const legs: Leg[] = [];
  for (let until = stages.length - withHead.length; until > 0; until -= legs[0]!.stages.length) {
    const taken = fitting(until, stretch.multiplyAdds);
    const alone = stages[until - 1]!;
    legs.unshift(taken.length > 0 ? { stages: taken, axis: 0, atOnce: rows } : cut(alone));
  }
  const lastAtOnce = withHead.length > 0 ? rows : rowsFor(head);
  return { legs, last: { stages: withHead, axis: 0, atOnce: lastAtOnce } };
}
