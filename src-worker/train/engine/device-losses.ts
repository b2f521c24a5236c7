import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { type DurableJson, durableJson } from '../../../src-node/durable-json.ts';
import type { Notices } from '../../../src-node/notices.ts';
import { count, shortText } from '../../../src-shared/contract/fields.ts';
import { AppError, type CodedError } from '../../../src-shared/errors/app-error.ts';
import { DEVICE_FORGIVEN_MS, DEVICE_LOSSES_WITHIN_MS } from './limits.ts';

/** How much less is asked of a card that its driver gave up: each step takes what the one before takes. */
export const MEASURES = ['none', 'smaller passes', 'no float16', 'not at all'] as const;

/**
 * What was lost. A driver that takes the whole process along is met with two steps at a time: a start may die before
 * anything of the model is there, and the supervisor gives up after five.
 */
const LOSSES = ['device', 'process'] as const;
export type Loss = (typeof LOSSES)[number];

const lossesSchema = v.object({
  /** The card as it was chosen; null for the one that drivers offer first. */
  device: v.nullable(shortText),
  /** When it was lost last, by the clock of the machine. */
  lastMs: count,
  /** Place among the measures. */
  step: v.pipe(count, v.maxValue(MEASURES.length - 1)),
  /** What was lost last. */
  lost: v.optional(v.picklist(LOSSES), 'device'),
});

export type DeviceLosses = v.InferOutput<typeof lossesSchema>;
export type Standing = Pick<DeviceLosses, 'step' | 'lost'>;

/** Steps for each. */
const STEPS: Readonly<Record<Loss, number>> = { device: 1, process: 2 };

/** What is known of losses after one more: the second within a short time is taken for the fault of what was asked. */
export function afterLoss(
  before: DeviceLosses | null,
  device: string | null,
  nowMs: number,
  lost: Loss = 'device',
): DeviceLosses {
  const known = before && remembered(before, device, nowMs);
  if (!known) return { device, lastMs: nowMs, step: 0, lost };
  const isSoon = nowMs - known.lastMs <= DEVICE_LOSSES_WITHIN_MS;
  const step = Math.min(MEASURES.length - 1, known.step + (isSoon ? STEPS[lost] : 0));
  return { device, lastMs: nowMs, step, lost };
}

/**
 * What still counts for this card: another one starts anew, and so does one that kept still for long, since drivers get
 * better. A clock that was set back makes nobody wait.
 */
export const remembered = (
  losses: DeviceLosses,
  device: string | null,
  nowMs: number,
): DeviceLosses | null =>
  losses.device === device && losses.lastMs <= nowMs && nowMs - losses.lastMs <= DEVICE_FORGIVEN_MS
    ? losses
    : null;

/** What an engine is asked for after so many steps. @throws {AppError} ENGINE_LOST_OFTEN at the last */
export function measuresAt(step: number, device: string, maxSequences: number) {
  if (step >= MEASURES.length - 1) throw new AppError('ENGINE_LOST_OFTEN', { device });
  return {
    mostInPass: Math.ceil(maxSequences / 2 ** step),
    isWithoutHalf: step >= 2,
  };
}

/** TensorFlow does as it likes with what it is given: nothing is asked of it any more. @throws {AppError} ENGINE_DIED */
export function demandAlive(step: number, engine: string): void {
  if (step > 0) throw new AppError('ENGINE_DIED', { engine });
}

/** How a loss looks to a person. */
const HOW: Readonly<Record<Loss, string>> = {
  device: 'its driver gave it up',
  process: 'its driver crashed, and training with it',
};

/** What a person is told of it; null where nothing is different. */
export function noticeAt({ step, lost }: Standing, device: string): CodedError | null {
  if (step === 0) return null;
  const code = step === 1 ? 'ENGINE_SMALLER_PASSES' : 'ENGINE_WITHOUT_HALF';
  return { code, params: { device, how: HOW[lost] } };
}

/** What a process is about to do to a device, and may not live to see the end of. */
const tryingSchema = v.object({ device: v.nullable(shortText) });

/** A card by its key (null: the one that drivers offer first), or the name of an engine that a user added. */
export type Attempt = v.InferOutput<typeof tryingSchema>;

/** Losses of a graphics card outlive the process, which ends with each of them. */
export class LossMemory {
  readonly #folder: string;
  readonly #file: DurableJson<DeviceLosses>;
  readonly #tryingPath: string;
  readonly #trying: DurableJson<Attempt>;

  constructor(path: string, notices: Pick<Notices, 'notice'>) {
    const told = (error: CodedError) => notices.notice(error);
    this.#folder = dirname(path);
    this.#file = durableJson({ path, schema: lossesSchema, told });
    this.#tryingPath = `${path}.trying`;
    this.#trying = durableJson({ path: this.#tryingPath, schema: tryingSchema, told });
  }

  /** Place among the measures for this card now, and what brought it there. */
  async standingOf(device: string | null): Promise<Standing> {
    const losses = await this.#file.read();
    return (losses && remembered(losses, device, Date.now())) ?? { step: 0, lost: 'device' };
  }

  /** On disk when it resolves. */
  async add(device: string | null, lost: Loss = 'device'): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await this.#file.write(afterLoss(await this.#file.read(), device, Date.now(), lost));
  }

  /**
   * Counts what the last process died of, if it did.
   * @param inUse what it crashed with after its start, as its host saw; that leaves no mark
   */
  async takeStock(inUse: Attempt | null = null): Promise<void> {
    const marked = await this.#trying.read();
    const died = marked ?? inUse;
    if (!died) return;
    const when = marked ? 'started' : 'computed on';
    console.error(`the last process died while it ${when} ${died.device ?? 'the graphics card'}`);
    try {
      await this.add(died.device, 'process');
      this.#survived();
    } catch (thrown) {
      console.error('the loss of the process was not kept', thrown);
    }
  }

  /**
   * Does what may take the whole process along, which the next one counts as a loss. An error does not count here, nor
   * does an end that was asked for: `signal` aborts before the process exits.
   */
  async trying<T>(device: string | null, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const survived = () => this.#survived();
    signal.addEventListener('abort', survived);
    try {
      await this.#mark(device);
      signal.throwIfAborted();
      return await work();
    } finally {
      signal.removeEventListener('abort', survived);
      survived();
    }
  }

  /** Without it a card trains as well: what cannot be written is not worth more than that. */
  async #mark(device: string | null): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true });
      await this.#trying.write({ device });
    } catch (thrown) {
      console.error('that a device is tried was not kept', thrown);
    }
  }

  /** At once, since the process may exit right after. */
  #survived(): void {
    try {
      rmSync(this.#tryingPath, { force: true });
    } catch (thrown) {
      console.error('that a device was survived was not kept', thrown);
    }
  }
}
