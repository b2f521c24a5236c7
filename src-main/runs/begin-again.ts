import { pause } from '../../src-node/waits.ts';
import { type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { MAY_ANSWER_LATER } from '../network/may-answer-later.ts';
import { backOffMs } from '../supervisor/supervise.ts';
import { BEGIN_AGAIN_FIRST_MS, BEGIN_AGAIN_LONGEST_MS, RUN_READ_LIMIT_MS } from './limits.ts';
import type { PlanEvents, RunBody, RunPlan } from './plan.ts';

/**
 * Why it could not be begun, where nothing of the run itself is at fault: the chain did not answer, or not in time.
 * null for everything else. A read whose limit passed only says that it was given up.
 */
export function silenceOf(error: unknown): CodedError | null {
  const coded = toCodedError(error);
  if (coded.code === 'CANCELLED')
    return { code: 'TIMEOUT', params: { what: 'a question to the chain', limitMs: RUN_READ_LIMIT_MS } };
  return MAY_ANSWER_LATER.has(coded.code) || coded.code === 'TIMEOUT' ? coded : null;
}

export interface PatientEvents extends PlanEvents {
  /** It could not be begun, and is tried again after a while. */
  waits(error: CodedError): void;
}

/**
 * Begins a run, and begins it again as long as only a silent chain keeps it from working: a computer that starts
 * without its network must not end what is wanted.
 * @throws what else keeps it from beginning, or its last failure once the signal has aborted
 */
export async function beginPatiently(
  plan: RunPlan,
  told: PatientEvents,
  signal: AbortSignal,
): Promise<RunBody> {
  const limits = { backOffMs: BEGIN_AGAIN_FIRST_MS, backOffCeilingMs: BEGIN_AGAIN_LONGEST_MS };
  for (let failures = 1; ; failures++) {
    try {
      return await plan.begin(told, signal);
    } catch (error) {
      const silence = silenceOf(error);
      if (!plan.waitsForChain || !silence || signal.aborted) throw error;
      told.waits(silence);
      await pause(backOffMs(failures, limits), signal);
      if (signal.aborted) throw error;
    }
  }
}
