import * as v from 'valibot';
import { sha256Hex } from '../../src-node/sha256.ts';
import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { Ready } from '../../src-shared/rounds/messages.ts';
import { impossibleWork } from '../../src-shared/scoring/steps.ts';
import { type Why, type WorkFault, why } from '../../src-shared/scoring/why.ts';
import { type WorkRecord, workRecordSchema } from '../../src-shared/spool.ts';
import { FETCH_WORK_LIMIT_MS } from './limits.ts';
import { isOwnFault } from './own-fault.ts';

/** The record that a miner committed to, or why there is none that could be true. */
export type ClaimedWork = { readonly bytes: number } & (
  | { readonly record: WorkRecord }
  | { readonly record: null; readonly why: Why; readonly detail?: unknown }
);

interface Parts {
  readonly swarm: ChildClient<SwarmContract>;
  readonly consensus: Consensus;
}

/** @throws when our own processes could not ask: nothing was learned of the miner */
export async function claimedWork(parts: Parts, ready: Ready, signal: AbortSignal): Promise<ClaimedWork> {
  const bytes = await fetchRecord(parts, ready, signal);
  if (!bytes) return { bytes: 0, record: null, why: why('work-not-handed-over') };
  const none = { bytes: bytes.length, record: null };
  const digest = sha256Hex(bytes);
  if (digest !== ready.workDigest) return { ...none, why: why('work-not-announced'), detail: { digest } };
  const record = parseRecord(bytes);
  if (!record) return { ...none, why: why('work-unreadable') };
  const reason = contradiction(record, ready, parts.consensus);
  return reason ? { ...none, why: why('work-impossible', { reason }) } : { bytes: bytes.length, record };
}

async function fetchRecord(
  { swarm }: Parts,
  { hotkey, round }: Ready,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const limit = withLimit(signal, FETCH_WORK_LIMIT_MS);
  const answer = await swarm.call('fetchWork', { hotkey, round }, limit).catch((error: unknown) => {
    if (isOwnFault(error)) throw error;
    return null;
  });
  // Stopping is our doing: the miner must not be blamed for it.
  signal.throwIfAborted();
  return answer?.bytes ?? null;
}

function parseRecord(bytes: Uint8Array): WorkRecord | null {
  try {
    const parsed = v.safeParse(workRecordSchema, JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

function contradiction(record: WorkRecord, ready: Ready, consensus: Consensus): WorkFault | null {
  if (record.round !== ready.round) return 'other-round';
  if (record.hotkey !== ready.hotkey) return 'other-hotkey';
  if (record.sequences !== ready.sequences) return 'other-sequences';
  return impossibleWork(record, consensus);
}
