import * as v from 'valibot';
import type { Metrics } from '../../../../src-shared/run-logs/metrics.ts';
import type { RunLogRow } from '../../../../src-shared/run-logs/row.ts';
import { WANDB_PUBLIC, WANDB_SITE } from '../../../../src-shared/run-logs/wandb-names.ts';
import { WANDB_REQUEST_BYTES_MOST } from '../limits.ts';
import { askWandb, odd, type WandbAccess } from './ask.ts';
import { type LineOrigin, lineOf, metricDeclarations } from './lines.ts';
import {
  askResume,
  defaultEntity,
  projectOf,
  upsertRun,
  type WandbPlace,
  type WandbRunFacts,
} from './queries.ts';
import { LOG_KEY, standingOf } from './resume.ts';

/** A run at Weights & Biases, as it is told from here. It keeps no key: each call brings its own. */
export interface WandbRun {
  /** Where people look at it. */
  readonly url: string;
  /** The last row that stands there; -1: none. */
  readonly lastSeq: number;
  /** Sends rows behind the last one; those that stand there are passed over. None: says that the run lives. */
  append(access: WandbAccess, rows: readonly RunLogRow[], signal: AbortSignal): Promise<void>;
  /** Whether somebody had pressed Stop there when it last answered. */
  readonly isStopped: boolean;
  /** Says that the run is over; it may go on later. */
  finish(access: WandbAccess, signal: AbortSignal): Promise<void>;
}

export interface WandbRunOptions extends WandbRunFacts, Omit<LineOrigin, 'baseStep'> {
  /** null: the team that the key belongs to. */
  readonly entity: string | null;
  readonly project: string;
  readonly runId: string;
  /** Which numbering the rows have. */
  readonly logId: string;
}

/** @throws {AppError} as `askWandb` */
export async function openWandbRun(
  options: WandbRunOptions,
  access: WandbAccess,
  signal: AbortSignal,
): Promise<WandbRun> {
  const { project, runId, logId } = options;
  const entity = options.entity ?? (await defaultEntity(access, signal));
  const asked: WandbPlace = { entity, project, runId };
  const standing = standingOf(await askResume(access, asked, signal), logId);
  if (!standing) throw odd(access.baseUrl);
  const { baseStep } = standing;
  const place = await upsertRun(access, asked, factsOf(options, baseStep), signal);
  const origin = { ...options, baseStep };
  let { nextLine, lastSeq, summary } = standing;
  let isStopped = false;

  async function stream(by: WandbAccess, body: unknown, until: AbortSignal): Promise<void> {
    const path = `${pathOf('/files', place)}/file_stream`;
    const answer = await askWandb(by, { path, body, project: projectOf(place) }, until);
    const found = v.safeParse(streamed, answer);
    if (!found.success) throw odd(by.baseUrl);
    isStopped = found.output.stopped ?? false;
  }

  async function send(by: WandbAccess, { lines, after }: Batch, until: AbortSignal): Promise<void> {
    const files = {
      'wandb-history.jsonl': { offset: nextLine, content: lines },
      'wandb-summary.json': { offset: 0, content: [JSON.stringify(after.summary)] },
    };
    await stream(by, { files }, until);
    nextLine += lines.length;
    ({ seq: lastSeq, summary } = after);
  }

  return {
    url: `${siteOf(access.baseUrl)}${pathOf('', { ...place, project: `${place.project}/runs` })}`,
    get lastSeq() {
      return lastSeq;
    },
    async append(by, rows, until) {
      const fresh = rows.filter(({ seq }) => seq > lastSeq);
      if (fresh.length === 0) await stream(by, {}, until);
      for (const batch of batchesOf(fresh, origin, summary)) await send(by, batch, until);
    },
    get isStopped() {
      return isStopped;
    },
    finish: (by, until) => stream(by, { complete: true, exitcode: 0 }, until),
  };
}

/** What the run's page shows, and what the next process needs to go on. */
const factsOf = (options: WandbRunOptions, baseStep: number): WandbRunFacts => ({
  ...options,
  config: {
    ...options.config,
    [LOG_KEY]: { id: options.logId, base_step: baseStep },
    // `t` says that the run has begun: without it their own client takes it for one that never did.
    _wandb: { t: {}, m: metricDeclarations() },
  },
});

/** Lines of one request, and what holds once they are there. */
interface Batch {
  readonly lines: readonly string[];
  readonly after: { readonly seq: number; readonly summary: Metrics };
}

/** Requests no longer than the server takes. */
function* batchesOf(rows: readonly RunLogRow[], origin: LineOrigin, before: Metrics): Iterable<Batch> {
  let [lines, bytes, summary]: [string[], number, Metrics] = [[], 0, before];
  for (const [at, row] of rows.entries()) {
    const line = lineOf(row, origin);
    const text = JSON.stringify(line);
    lines.push(text);
    // Quotation marks within a text are written with a mark before them.
    bytes += 2 * text.length;
    summary = { ...summary, ...line };
    if (at < rows.length - 1 && bytes < WANDB_REQUEST_BYTES_MOST) continue;
    yield { lines, after: { seq: row.seq, summary } };
    [lines, bytes] = [[], 0];
  }
}

/** Beside what is of no use here, an answer says whether somebody pressed Stop; older servers say nothing of it. */
const streamed = v.object({ stopped: v.optional(v.nullable(v.boolean())) });

const pathOf = (root: string, { entity, project, runId }: WandbPlace): string =>
  [root, ...[entity, ...project.split('/'), runId].map(encodeURIComponent)].join('/');

/** A server of one's own shows runs where it takes them. */
const siteOf = (baseUrl: string): string => (baseUrl === WANDB_PUBLIC ? WANDB_SITE : baseUrl);
