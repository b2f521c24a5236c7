import { type ModelConfig, parameterCount } from './layout.ts';

/**
 * Floating-point operations of training for one token, forward and backward: 6N + 6LCT, with N parameters, the tied
 * embedding among them (the formula by which llm.c states its utilisation).
 */
export const trainingFlops = (config: ModelConfig): number =>
  6 * parameterCount(config) + 6 * config.layers * config.width * config.context;
