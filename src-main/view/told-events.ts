import type { Notice } from '../../src-shared/contract/page/app.ts';
import { type CodedError, type ErrorParams, isErrorCode } from '../../src-shared/errors/app-error.ts';
import { type EventRow, HOST_SOURCE } from '../store/rows.ts';

/** What a person is told as a row of the store. */
export const eventOf = ({ atMs, level, error, run }: Notice): EventRow => ({
  atMs,
  level,
  source: run ?? HOST_SOURCE,
  code: error.code,
  detailJson: JSON.stringify(error.params, (_name, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  ),
});

/** The error that a row tells of; null for a code of another version, which has no sentence here. */
export const errorOf = ({ code, detailJson }: EventRow): CodedError | null =>
  isErrorCode(code) ? { code, params: JSON.parse(detailJson) as ErrorParams } : null;
