import type { Notices } from '../../src-node/notices.ts';
import { withLimit } from '../../src-node/waits.ts';
import { toCodedError } from '../../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../../src-shared/errors/catalogue.ts';
import type { CommitmentWriter } from '../network/commitment-writer.ts';
import { JOIN_TX_LIMIT_MS } from './limits.ts';

/** The hotkey's identity field on chain, for as long as it is at work. */
export interface KeptIdentity {
  /** What an earlier process may not have sent is, and then the field is there. @throws {AppError} of the writer */
  readonly written: Promise<void>;
  /** Makes sure of it: one that had to wait for a vote to count, or that failed, is written now. */
  again(): void;
  stop(): Promise<void>;
}

/** Begins at once. What fails is told until it is made good. */
export function keepIdentity(
  writer: Pick<CommitmentWriter, 'resume' | 'ensureIdentity'>,
  field: Uint8Array,
  { notices, log }: { readonly notices: Notices; log(line: string): void },
): KeptIdentity {
  const stopping = new AbortController();
  const { signal } = stopping;
  let told: ErrorCode | null = null;
  let last: Promise<void>;

  async function attempt(work: (limited: AbortSignal) => Promise<unknown>): Promise<void> {
    try {
      await work(withLimit(signal, JOIN_TX_LIMIT_MS));
      if (told !== null) notices.clearNotice(told);
      told = null;
    } catch (thrown) {
      if (!signal.aborted) tell(thrown);
      throw thrown;
    }
  }

  function tell(thrown: unknown): void {
    const error = toCodedError(thrown);
    log(`identity: ${error.code}`);
    told = error.code;
    notices.notice(error);
  }

  const written = attempt(async (limited) => {
    await writer.resume(limited);
    await writer.ensureIdentity(field, limited);
  });
  last = written.catch(() => undefined);
  return {
    written,
    again() {
      last = attempt((limited) => writer.ensureIdentity(field, limited)).catch(() => undefined);
    },
    async stop() {
      stopping.abort();
      await last;
    },
  };
}
