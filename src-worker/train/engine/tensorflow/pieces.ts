import {
  type ModelConfig,
  type ParameterName,
  parameterLayout,
} from '../../../../src-shared/model/layout.ts';

/** One layer's part of a parameter tensor, or a whole one where layers do not share it: what the graph takes. */
export interface Piece {
  readonly name: ParameterName;
  readonly layer: number;
  readonly shape: readonly number[];
  /** In the flat vector, in elements. */
  readonly offset: number;
  readonly length: number;
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
