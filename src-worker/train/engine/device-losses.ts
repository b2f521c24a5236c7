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

const lossesSchema = v.object({
  /** The card as it was chosen; null for the one that drivers offer first. */
  device: v.nullable(shortText),
  /** When it was lost last, by the clock of the machine. */
  lastMs: count,
  /** Place among the measures. */
  step: v.pipe(count, v.maxValue(MEASURES.length - 1)),
});

export type DeviceLosses = v.InferOutput<typeof lossesSchema>;

/** What is known of losses after one more: the second within a short time is taken for the fault of what was asked. */
export function afterLoss(before: DeviceLosses | null, device: string | null, nowMs: number): DeviceLosses {
  const known = before && remembered(before, device, nowMs);
  if (!known) return { device, lastMs: nowMs, step: 0 };
  const isSoon = nowMs - known.lastMs <= DEVICE_LOSSES_WITHIN_MS;
  const step = Math.min(MEASURES.length - 1, known.step + (isSoon ? 1 : 0));
  return { device, lastMs: nowMs, step };
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

/** What a person is told of it; null where nothing is different. */
export function noticeAt(step: number, device: string): CodedError | null {
  if (step === 0) return null;
  return { code: step === 1 ? 'ENGINE_SMALLER_PASSES' : 'ENGINE_WITHOUT_HALF', params: { device } };
}

/** Losses of a graphics card outlive the process, which ends with each of them. */
export class LossMemory {
  readonly #folder: string;
  readonly #file: DurableJson<DeviceLosses>;

  constructor(path: string, notices: Pick<Notices, 'notice'>) {
    this.#folder = dirname(path);
    this.#file = durableJson({
      path,
      schema: lossesSchema,
      told: (error) => notices.notice(error),
    });
  }

  /** Place among the measures for this card now. */
  async stepOf(device: string | null): Promise<number> {
    const losses = await this.#file.read();
    return (losses && remembered(losses, device, Date.now())?.step) ?? 0;
  }

  /** On disk when it resolves. */
  async add(device: string | null): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await this.#file.write(afterLoss(await this.#file.read(), device, Date.now()));
  }
}
