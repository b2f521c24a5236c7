/** The processor's engine against other trainers on one thread each. */
import { type Figure, figure } from '../report/figures.ts';
import {
  type Contender,
  type Course,
  cpuContender,
  PRACTICE,
  stepsMs,
  tokensPerS,
  WIDE,
  weightsOf,
} from './contest.ts';
import { createJaxGpt, JAX_JS } from './jax-gpt.ts';
import { loadNativeTfjs } from './tensorflow-guest.ts';
import { type Core, loadTfjs } from './tfjs-bundle.ts';
import { createTfjsGpt, registerScatter, type TfjsVariant } from './tfjs-gpt.ts';

const TURNS = 9;
const TURNS_WIDE = 5;
const OURS = 12;

export async function cpuVsTfjsWasm(): Promise<Figure> {
  const tf = await loadTfjs();
  await tf.setBackend('wasm');
  registerScatter(tf);
  await using stack = new AsyncDisposableStack();
  const ours = await cpuContender(PRACTICE, OURS, stack);
  // The plain variant takes more than a second a step: one is enough to rank it.
  const theirs = [tfjs(tf, PRACTICE, 'plain', 1, stack), tfjs(tf, PRACTICE, 'tuned', 3, stack)];
  const [own, ...others] = await stepsMs(PRACTICE, [ours.contender, ...theirs], TURNS);
  return ratio('cpu-vs-tfjs-wasm', PRACTICE, own!, Math.min(...others), {
    ...{ floor: 6, goal: 10 },
    told: `${ours.engine.capabilities.description}, tfjs 4.22.0 on wasm, ${tf.wasm.getThreadsCount()} thread`,
  });
}

export async function cpuVsJaxjsWasm(): Promise<Figure> {
  await using stack = new AsyncDisposableStack();
  const ours = await cpuContender(PRACTICE, OURS, stack);
  const jax = await createJaxGpt(PRACTICE.config, weightsOf(PRACTICE), PRACTICE.sequences);
  const theirs: Contender = { steps: 3, step: jax.step };
  const [own, other] = await stepsMs(PRACTICE, [ours.contender, theirs], TURNS);
  return ratio('cpu-vs-jaxjs-wasm', PRACTICE, own!, other!, {
    ...{ floor: 2, goal: 4 },
    told: `${ours.engine.capabilities.description}, ${JAX_JS} on wasm`,
  });
}

export const cpuVsTensorFlow = (): Promise<Figure> =>
  againstTensorFlow('cpu-vs-tensorflow', PRACTICE, { floor: 4, goal: 6, ours: OURS, turns: TURNS });

export const cpuVsTensorFlowWide = (): Promise<Figure> =>
  againstTensorFlow('cpu-vs-tensorflow-wide', WIDE, { floor: 1, goal: 1.4, ours: 1, turns: TURNS_WIDE });

async function againstTensorFlow(
  name: string,
  course: Course,
  {
    ours: steps,
    turns,
    ...held
  }: { readonly floor: number; readonly goal: number; readonly ours: number; readonly turns: number },
): Promise<Figure> {
  const { tf, name: library } = await loadNativeTfjs();
  await using stack = new AsyncDisposableStack();
  const ours = await cpuContender(course, steps, stack);
  const theirs = tfjs(tf, course, 'plain', Math.ceil(steps / 4), stack);
  const [own, other] = await stepsMs(course, [ours.contender, theirs], turns);
  const told = `${ours.engine.capabilities.description}, ${library} by tfjs-node, 1 thread`;
  return ratio(name, course, own!, other!, { ...held, told });
}

function tfjs(
  tf: Core,
  course: Course,
  variant: TfjsVariant,
  steps: number,
  stack: AsyncDisposableStack,
): Contender {
  const gpt = createTfjsGpt(tf, course.config, weightsOf(course), variant);
  stack.defer(() => gpt.dispose());
  return { steps, step: ({ ids, targets }) => gpt.step(ids, targets) };
}

/** How many times as fast ours is. */
export function ratio(
  name: string,
  course: Course,
  ownMs: number,
  otherMs: number,
  { told, ...held }: { readonly floor: number; readonly goal: number; readonly told: string },
): Figure {
  const seen = `${tokensPerS(course, ownMs)} against ${tokensPerS(course, otherMs)} tokens/s; ${told}`;
  return figure(name, otherMs / ownMs, 'x', { ...held, peer: 1, seen });
}
