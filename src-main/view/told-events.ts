import * as v from 'valibot';
import type { Notice } from '../../src-shared/contract/page/app.ts';
import { type CodedError, isErrorCode } from '../../src-shared/errors/app-error.ts';
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

const paramsSchema = v.record(v.string(), v.union([v.string(), v.number()]));

/** The error that a row tells of; null for one with no sentence here: a code of another version, a damaged row. */
export function errorOf({ code, detailJson }: EventRow): CodedError | null {
  const params = v.safeParse(v.pipe(v.string(), v.parseJson(), paramsSchema), detailJson);
  return isErrorCode(code) && params.success ? { code, params: params.output } : null;
}
