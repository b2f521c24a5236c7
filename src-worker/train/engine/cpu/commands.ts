/** What the engine asks of its threads, and how that travels: as numbers in the shared memory. */

export type MicroStepCommand = {
  readonly kind: 'microStep';
  readonly sequences: number;
  readonly accumulate: boolean;
  /** What the gradient of each counted target's loss is multiplied with: 1/(counted * microBatches). */
  readonly scale: number;
  /** Address of the weights: the parameters, or those beside them. */
  readonly weights: number;
};

export type EvalCommand = { readonly kind: 'eval'; readonly sequences: number; readonly weights: number };
export type NormCommand = { readonly kind: 'norm' };

/** The gradient's norm, and a step by the gradient scaled down to `clip` (0: never) where the norm is a number. */
export type AdamWCommand = {
  readonly kind: 'adamw';
  readonly clip: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly lr: number;
  readonly weightDecay: number;
  readonly step: number;
};

/** Sums of the gradient's parts for its sketch: see `../sketch.ts`. */
export type SketchCommand = { readonly kind: 'sketch'; readonly keyA: number; readonly keyB: number };

export type Command = MicroStepCommand | EvalCommand | NormCommand | AdamWCommand | SketchCommand;
/** The last that a thread gets. */
export type ExitCommand = { readonly kind: 'exit' };

const KINDS = ['exit', 'microStep', 'eval', 'norm', 'adamw', 'sketch'] as const;
const FIELDS = {
  exit: [],
  microStep: ['sequences', 'accumulate', 'scale', 'weights'],
  eval: ['sequences', 'weights'],
  norm: [],
  adamw: ['clip', 'beta1', 'beta2', 'eps', 'lr', 'weightDecay', 'step'],
  sketch: ['keyA', 'keyB'],
} as const;

/** Numbers that a command takes at most. */
export const COMMAND_NUMBERS = 8;

export function numbersOf(command: Command | ExitCommand): Float64Array<ArrayBuffer> {
  const fields = command as unknown as Record<string, number | boolean>;
  const numbers = new Float64Array(COMMAND_NUMBERS);
  numbers[0] = KINDS.indexOf(command.kind);
  FIELDS[command.kind].forEach((name, index) => {
    numbers[index + 1] = Number(fields[name]);
  });
  return numbers;
}

export function commandOf(numbers: Float64Array): Command | ExitCommand {
  const kind = KINDS[numbers[0]!]!;
  const fields = FIELDS[kind].map((name, index) => [name, numbers[index + 1]!] as const);
  const command = Object.fromEntries(fields) as Record<string, number | boolean>;
  if (kind === 'microStep') command.accumulate = command.accumulate === 1;
  return { kind, ...command } as Command | ExitCommand;
}
