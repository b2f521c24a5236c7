import { expect, it } from 'vitest';
import { type Command, commandOf, numbersOf } from '../../../../../src-worker/train/engine/cpu/commands.ts';

const COMMANDS: readonly Command[] = [
  { kind: 'microStep', sequences: 2, accumulate: true, scale: 1 / 3, weights: 4096 },
  { kind: 'microStep', sequences: 2, accumulate: false, scale: 1e-9, weights: 4096 },
  { kind: 'eval', sequences: 5, weights: 2 ** 32 - 64 },
  { kind: 'norm' },
  { kind: 'adamw', clip: 1, beta1: 0.9, beta2: 0.99, eps: 1e-8, lr: 1e-3, weightDecay: 0.1, step: 70_000 },
  { kind: 'sketch', keyA: 2 ** 32 - 1, keyB: 7 },
];

it.each(COMMANDS)('$kind arrives as it was given', (command) => {
  expect(commandOf(numbersOf(command))).toEqual(command);
});

it('and so does the last of all', () => {
  expect(commandOf(numbersOf({ kind: 'exit' }))).toEqual({ kind: 'exit' });
});
