import { withLimit } from '../../src-node/waits.ts';
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
import { why } from '../../src-shared/scoring/why.ts';
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
    why: why('rate-of-receipts', { bytesPerS: Math.round(lower), peers: counterparties }),
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
      withLimit(signal, 2 * limitMs + CHALLENGE_SLACK_MS),
    );
    const value = bandwidthOfChallenge(challenge, CHALLENGE_BYTES, limits);
    const slowerMs = Math.max(challenge.downMs, challenge.upMs);
    const { latencyMs } = challenge;
    const reason =
      latencyMs > limits.latencyLimitMs
        ? why('latency-over-limit', { ms: Math.round(latencyMs), limitMs: limits.latencyLimitMs })
        : why('rate-of-challenge', {
            bytesPerS: Math.round((CHALLENGE_BYTES / Math.max(slowerMs, 1)) * 1_000),
          });
    return { value, why: reason, detail: challenge };
  } catch (error) {
    signal.throwIfAborted();
    const { code } = toCodedError(error);
    const detail = { code };
    if (isOwnFault(error)) return { value: null, why: why('challenge-not-asked'), detail };
    if (code === 'PEER_REFUSED') return { value: null, why: why('challenge-busy'), detail };
    return { value: 0, why: why('challenge-unanswered'), detail };
  }
}

/** The bandwidth penalty: times the share of its own part that a reducer returned. */
export function withReturned(measured: Measured, returned: number): Measured {
  if (measured.value === null || returned >= 1) return measured;
  return {
    value: measured.value * returned,
    why: why(measured.why.code, { ...measured.why.params, returnedPercent: Math.round(returned * 100) }),
    detail: { rate: measured.detail, returned },
  };
}
