import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerParts } from './ledger-parts.ts';
import type { OwnTransactions } from './own-transactions.ts';
import type { SubnetHistory } from './subnet-history.ts';
import type { Telemetry } from './telemetry.ts';
import type { Worth } from './worth.ts';

/** What the host asks of the store's thread: the functions of both databases, each with one argument. */
export type Operations = Omit<Telemetry, 'prune'> &
  Omit<SubnetHistory, 'pruneSubnets'> &
  Ledger &
  LedgerParts &
  OwnTransactions &
  Worth & { close(): void };
export type Operation = keyof Operations;

export interface ThreadConfig {
  readonly dataDir: string;
}

export type Asked = { readonly id: number; readonly operation: Operation; readonly argument: unknown };

export type Told =
  | { readonly kind: 'opened'; readonly notices: readonly CodedError[] }
  | { readonly kind: 'not-opened'; readonly error: CodedError }
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: CodedError };
