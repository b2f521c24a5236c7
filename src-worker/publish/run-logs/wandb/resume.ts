import * as v from 'valibot';
import { parseJson } from '../../../../src-node/durable-json.ts';
import type { Metrics } from '../../../../src-shared/run-logs/metrics.ts';
import { BEFORE_ALL } from '../../../../src-shared/run-logs/row.ts';

/** What the server says of a run that it has. */
export interface ServerRun {
  readonly historyLineCount: number | null;
  readonly historyTail: string | null;
  readonly summaryMetrics: string | null;
  readonly config: string | null;
}

/** Where lines go on. */
export interface Standing {
  /** Line of the history that comes next. */
  readonly nextLine: number;
  /** The last row that stands there; -1: none of this numbering. */
  readonly lastSeq: number;
  /** `_step` of the row with number 0. */
  readonly baseStep: number;
  readonly summary: Metrics;
}

export const LOG_KEY = 'butterfly_log';

const step = v.pipe(v.number(), v.safeInteger());
const lastLine = v.object({ _step: v.pipe(step, v.minValue(0)) });
const kept = v.object({
  [LOG_KEY]: v.object({ value: v.object({ id: v.string(), base_step: v.pipe(step, v.minValue(0)) }) }),
});
const summarySchema = v.record(v.string(), v.unknown());

/**
 * The server's own count decides, whatever is remembered here: it took what it counted, also where its answer was lost
 * on the way. Which row its last line is, stands in that line.
 * @param logId which numbering the rows have; behind lines of another one, steps go on from the last
 * @returns null for a server that counts lines and does not show the last one
 */
export function standingOf(found: ServerRun | null, logId: string): Standing | null {
  const nextLine = found?.historyLineCount ?? 0;
  if (!found || nextLine === 0) return { nextLine: 0, lastSeq: BEFORE_ALL, baseStep: 0, summary: {} };
  const last = v.safeParse(lastLine, lastOf(found.historyTail));
  if (!last.success) return null;
  const lastStep = last.output._step;
  const log = v.safeParse(kept, parseJson(found.config ?? ''));
  const known = log.success ? log.output[LOG_KEY].value : null;
  const isSame = known?.id === logId && known.base_step <= lastStep + 1;
  const baseStep = isSame ? known.base_step : lastStep + 1;
  return { nextLine, lastSeq: lastStep - baseStep, baseStep, summary: summaryOf(found.summaryMetrics) };
}

/** The tail is a list of lines as JSON, each of them JSON again. */
function lastOf(tail: string | null): unknown {
  const lines = v.safeParse(v.array(v.string()), parseJson(tail ?? ''));
  return lines.success ? parseJson(lines.output.at(-1) ?? '') : undefined;
}

function summaryOf(text: string | null): Metrics {
  const summary = v.safeParse(summarySchema, parseJson(text ?? ''));
  const plain = Object.entries(summary.success ? summary.output : {}).filter(
    (entry): entry is [string, number | string] => ['number', 'string'].includes(typeof entry[1]),
  );
  return Object.fromEntries(plain);
}
