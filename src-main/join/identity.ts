import { withLimit } from '../../src-node/waits.ts';
import type { CommitmentWriter } from '../network/commitment-writer.ts';
import { JOIN_TX_LIMIT_MS } from './limits.ts';

/**
 * Writes the hotkey's identity field on chain, after what an earlier process may not have sent.
 * @returns what makes sure of it again: one that had to wait for a vote to count is written once that round is over
 */
export async function announceIdentity(
  writer: CommitmentWriter,
  field: Uint8Array,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<() => void> {
  const limit = withLimit(signal, JOIN_TX_LIMIT_MS);
  await writer.resume(limit);
  await writer.ensureIdentity(field, limit);
  return () => {
    writer
      .ensureIdentity(field, withLimit(signal, JOIN_TX_LIMIT_MS))
      .catch((error: unknown) => signal.aborted || log(`identity: ${error}`));
  };
}
