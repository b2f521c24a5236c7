import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import { toCodedError } from '../../src-shared/errors/app-error.ts';
import type { Receipt } from '../../src-shared/rounds/messages.ts';
import {
  type BandwidthLimits,
  bandwidthAtRate,
  bandwidthOfChallenge,
  ratesFromReceipts,
} from '../../src-shared/scoring/bandwidth.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Measured } from './evidence.ts';
import { CHALLENGE_BYTES, CHALLENGE_SLACK_MS } from './limits.ts';
import { isOwnFault } from './own-fault.ts';

/** From a round's receipts; null below the profile's number of counterparties. */
export function bandwidthFromReceipts(
  receipts: readonly Receipt[],
  hotkey: Ss58,
  limits: BandwidthLimits,
): Measured | null {
  const { upBytesPerS, downBytesPerS, counterparties } = ratesFromReceipts(receipts, hotkey);
  if (counterparties < limits.minCounterparties || upBytesPerS === null || downBytesPerS === null)
    return null;
  const lower = Math.min(upBytesPerS, downBytesPerS);
  return {
    value: bandwidthAtRate(lower, limits),
    why: `${megabytes(lower)} MB/s in the slower direction, the median over ${counterparties} peers of the round.`,
    detail: { upBytesPerS, downBytesPerS, counterparties },
  };
}

/**
 * The validator's own challenge. A peer that does not manage it in time has 0; our own stop or fault, or a peer that
 * already serves another validator's challenge, measures nothing.
 */
export async function bandwidthByChallenge(
  swarm: ChildClient<SwarmContract>,
  hotkey: Ss58,
  limits: BandwidthLimits,
  signal: AbortSignal,
): Promise<Measured> {
  const limitMs = limits.timeLimitMs;
  try {
    const challenge = await swarm.call(
      'challenge',
      { hotkey, bytes: CHALLENGE_BYTES, limitMs },
      AbortSignal.any([signal, AbortSignal.timeout(2 * limitMs + CHALLENGE_SLACK_MS)]),
    );
    const value = bandwidthOfChallenge(challenge, CHALLENGE_BYTES, limits);
    const slowerMs = Math.max(challenge.downMs, challenge.upMs);
    const why =
      challenge.latencyMs > limits.latencyLimitMs
        ? `It answers after ${Math.round(challenge.latencyMs)} ms, above the limit of ${limits.latencyLimitMs} ms.`
        : `${megabytes((CHALLENGE_BYTES / Math.max(slowerMs, 1)) * 1_000)} MB/s in the slower direction of a challenge.`;
    return { value, why, detail: challenge };
  } catch (error) {
    signal.throwIfAborted();
    const { code } = toCodedError(error);
    const detail = { code };
    if (isOwnFault(error)) return { value: null, why: 'The validator could not ask it.', detail };
    if (code === 'PEER_REFUSED') return { value: null, why: 'It was busy with another challenge.', detail };
    return { value: 0, why: 'It did not answer the challenge in time.', detail };
  }
}

/** The bandwidth penalty: times the share of its own part that a reducer returned. */
export function withReturned(measured: Measured, returned: number): Measured {
  if (measured.value === null || returned >= 1) return measured;
  const percent = Math.round(returned * 100);
  return {
    value: measured.value * returned,
    why: `${measured.why} It returned ${percent} % of its own part as reducer.`,
    detail: { rate: measured.detail, returned },
  };
}

const megabytes = (bytesPerS: number): string => (bytesPerS / 1e6).toFixed(2);
