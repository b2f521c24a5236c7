import {
  type ModelConfig,
  type ParameterName,
  parameterLayout,
} from '../../../../src-shared/model/layout.ts';
import { BLOCK_ELEMENTS } from './limits.ts';

/** A part of the flat vector that is one tensor. `offset` and `length` count elements. */
export interface Window {
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

/** One layer's part of a parameter tensor, or a whole one where layers do not share it: what the graph takes. */
export interface Piece extends Window {
  readonly name: ParameterName;
  readonly layer: number;
  readonly decay: boolean;
}

const WHOLE: ReadonlySet<ParameterName> = new Set(['wte', 'wpe', 'lnfw', 'lnfb']);

/** The flat vector, cut without gaps and in order. */
export function piecesOf(config: ModelConfig): readonly Piece[] {
  return parameterLayout(config).flatMap(({ name, shape, offset, length, decay }) => {
    const count = WHOLE.has(name) ? 1 : config.layers;
    const own = length / count;
    return Array.from({ length: count }, (_, layer) => ({
      name,
      layer,
      shape: WHOLE.has(name) ? shape : shape.slice(1),
      offset: offset + layer * own,
      length: own,
      decay,
    }));
  });
}

/** Pieces that stand next to each other and decay alike: what takes few calls goes through the optimiser together. */
export interface Block extends Window {
  readonly decay: boolean;
  /** Places of its pieces. */
  readonly pieces: readonly number[];
}

/** The flat vector, cut without gaps and in order, each block of so many elements at most or of one piece. */
export function blocksOf(pieces: readonly Piece[], elements = BLOCK_ELEMENTS): readonly Block[] {
  const blocks: Block[] = [];
  for (const [place, { offset, length, decay }] of pieces.entries()) {
    const last = blocks.at(-1);
    if (last && last.decay === decay && last.length + length <= elements)
      blocks.splice(-1, 1, {
        ...last,
        shape: [last.length + length],
        length: last.length + length,
        pieces: [...last.pieces, place],
      });
    else blocks.push({ shape: [length], offset, length, decay, pieces: [place] });
  }
  return blocks;
}
