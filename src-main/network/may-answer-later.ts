import type { CodedError } from '../../src-shared/errors/app-error.ts';

/** What says nothing against the chain or the run: the next try, or another endpoint, may get an answer. */
export const MAY_ANSWER_LATER: ReadonlySet<CodedError['code']> = new Set<CodedError['code']>([
  'CHAIN_UNREACHABLE',
  'CHAIN_ENDPOINT_BUSY',
  'CHAIN_SILENT',
  'CHAIN_ENDPOINTS_DISAGREE',
]);
