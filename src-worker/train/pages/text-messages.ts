import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../../../src-shared/errors/catalogue.ts';
import type { DrawPair } from '../../../src-shared/pages.ts';
import type { Dataset } from '../../../src-shared/profile/schema.ts';
import type { OriginWait } from './hub/origin.ts';
import type { PackingRule } from './page-packer.ts';
import type { Page } from './page-source.ts';

/** How the process and its thread that makes pages speak; both are one build, so nothing is checked between them. */

export type FetchedDataset = Exclude<Dataset, { kind: 'embedded' }>;

export interface TextThreadStart extends PackingRule {
  readonly dataset: FetchedDataset;
  readonly corpusDir: string;
  /** Where pages, tables and lists are kept. */
  readonly folder: string;
  readonly quotaBytes: number;
  readonly hubUrl: string;
  /** Where the files of a data set of kind `files` lie; null where nobody said. */
  readonly textFolder: string | null;
}

export type ToTextThread = { readonly id: number } & (
  | { readonly kind: 'draw'; readonly pair: DrawPair }
  | { readonly kind: 'page'; readonly index: number }
  /** The n-th page of a fixed rotation over what is here. */
  | { readonly kind: 'spare'; readonly turn: number }
);

export type FromTextThread =
  | { readonly kind: 'ready'; readonly heldOut: Uint16Array }
  | { readonly kind: 'answer'; readonly id: number; readonly value: number | Page }
  | { readonly kind: 'failure'; readonly id: number; readonly error: CodedError }
  | { readonly kind: 'fatal'; readonly error: CodedError }
  | { readonly kind: 'wait'; readonly wait: OriginWait | null }
  | { readonly kind: 'kept'; readonly bytes: number; readonly pages: number }
  | { readonly kind: 'notice'; readonly error: CodedError }
  | { readonly kind: 'clear'; readonly code: ErrorCode };
