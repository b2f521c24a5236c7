import type { RunTablePart } from '../src-shared/contract/page/run-logs.ts';
import { csvHead, csvOf } from '../src-shared/run-logs/csv.ts';
import { BEFORE_ALL, LOG_ROWS_AT_ONCE, type RunLogKind } from '../src-shared/run-logs/row.ts';
import type { Run } from './runs/run.ts';
import type { RunLogStore } from './store/run-log-store.ts';

/**
 * A part of what a run went through, as lines of a table; the first part begins with the names of the columns.
 * @param afterSeq `next` of the part before; -1 for the first
 */
export async function runTable(
  runLog: Pick<RunLogStore, 'rows'>,
  { storeId, hotkey }: Pick<Run, 'storeId' | 'hotkey'>,
  kind: RunLogKind,
  afterSeq: number,
): Promise<RunTablePart> {
  const rows = await runLog.rows(storeId, afterSeq, LOG_ROWS_AT_ONCE);
  const head = afterSeq === BEFORE_ALL ? csvHead(kind) : '';
  return { csv: head + csvOf(kind, hotkey, rows), next: rows.at(-1)?.seq ?? null };
}
