/** What a command is made of. Every thread makes the same of it. */
import { backwardStages, headAndBackStages } from './backward.ts';
import type { Command } from './commands.ts';
import { forwardStages, headStages } from './forward.ts';
import { passOf, together } from './pass.ts';
import type { Plan } from './plan.ts';
import type { Stage } from './stage.ts';
import { adamw, normParts, sketchSums } from './vectors.ts';

/** Programs that are kept: a first pass, one that adds to it, and passes without a way back. */
const KEPT = 4;

/** Makes what a command is made of; passes come again and again and are made once. */
export class Programs {
  readonly #plan: Plan;
  readonly #kept = new Map<string, readonly Stage[]>();

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  of(command: Command): readonly Stage[] {
    if (command.kind !== 'microStep' && command.kind !== 'eval') return stagesOf(this.#plan, command);
    const key = Object.values(command).join();
    const stages = this.#kept.get(key) ?? stagesOf(this.#plan, command);
    this.#kept.delete(key);
    this.#kept.set(key, stages);
    for (const oldest of [...this.#kept.keys()].slice(0, -KEPT)) this.#kept.delete(oldest);
    return stages;
  }
}

function stagesOf(plan: Plan, command: Command): readonly Stage[] {
  switch (command.kind) {
    case 'microStep': {
      const pass = passOf(plan, command.weights, command.sequences);
      const { accumulate } = command;
      return [
        ...forwardStages(pass),
        ...headAndBackStages(pass, command),
        ...backwardStages(pass, accumulate),
      ];
    }
    case 'eval': {
      const pass = passOf(plan, command.weights, command.sequences);
      return [...forwardStages(pass), ...headStages(pass)];
    }
    case 'sketch':
      return [together({ plan }, sketchSums(plan, command))];
    case 'norm':
      return [together({ plan }, normParts(plan))];
    case 'adamw':
      return [together({ plan }, normParts(plan)), together({ plan }, ...adamw(plan, command))];
  }
}
