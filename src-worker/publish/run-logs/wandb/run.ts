import type { Metrics } from '../../../../src-shared/run-logs/metrics.ts';
import type { RunLogRow } from '../../../../src-shared/run-logs/row.ts';
import { WANDB_REQUEST_BYTES_MOST } from '../limits.ts';
import { askWandb, odd, type WandbAccess } from './ask.ts';
import { type LineOrigin, lineOf, metricDeclarations } from './lines.ts';
import {
  askResume,
  askStopped,
  defaultEntity,
  projectOf,
  upsertRun,
  type WandbPlace,
  type WandbRunFacts,
} from './queries.ts';
import { LOG_KEY, standingOf } from './resume.ts';

/** A run at Weights & Biases, as it is told from here. */
export interface WandbRun {
  /** Where people look at it. */
  readonly url: string;
  /** The last row that stands there; -1: none. */
  readonly lastSeq: number;
  /** Sends rows behind the last one; those that stand there are passed over. None: says that the run lives. */
  append(rows: readonly RunLogRow[], signal: AbortSignal): Promise<void>;
  /** Whether somebody pressed Stop there. */
  isStopped(signal: AbortSignal): Promise<boolean>;
  /** Says that the run is over; it may go on later. */
  finish(signal: AbortSignal): Promise<void>;
}

export interface WandbRunOptions extends WandbRunFacts, Omit<LineOrigin, 'baseStep'> {
  readonly access: WandbAccess;
  /** '': the team that the key belongs to. */
  readonly entity: string;
  readonly project: string;
  readonly runId: string;
  /** Which numbering the rows have. */
  readonly logId: string;
}

/** @throws {AppError} as `askWandb` */
export async function openWandbRun(options: WandbRunOptions, signal: AbortSignal): Promise<WandbRun> {
  const { access, project, runId, logId, config } = options;
  const entity = options.entity || (await defaultEntity(access, signal));
  const asked: WandbPlace = { entity, project, runId };
  const standing = standingOf(await askResume(access, asked, signal), logId);
  if (!standing) throw odd(access.baseUrl);
  const { baseStep } = standing;
  const place = await upsertRun(
    access,
    asked,
    {
      ...options,
      config: {
        ...config,
        [LOG_KEY]: { id: logId, base_step: baseStep },
        _wandb: { m: metricDeclarations() },
      },
    },
    signal,
  );
  const origin = { ...options, baseStep };
  let { nextLine, lastSeq, summary } = standing;

  const stream = (body: unknown, until: AbortSignal) =>
    askWandb(access, { path: `${pathOf('/files', place)}/file_stream`, body, project: projectOf(place) }, until);

  async function send(lines: readonly string[], after: { seq: number; summary: Metrics }, until: AbortSignal) {
    const files = {
      'wandb-history.jsonl': { offset: nextLine, content: lines },
      'wandb-summary.json': { offset: 0, content: [JSON.stringify(after.summary)] },
    };
    await stream({ files }, until);
    nextLine += lines.length;
    ({ seq: lastSeq, summary } = after);
  }

  return {
    url: `${siteOf(access.baseUrl)}${pathOf('', { ...place, project: `${place.project}/runs` })}`,
    get lastSeq() {
      return lastSeq;
    },
    async append(rows, until) {
      const fresh = rows.filter(({ seq }) => seq > lastSeq);
      if (fresh.length === 0) return void (await stream({}, until));
      let lines: string[] = [];
      let bytes = 0;
      let after = { seq: lastSeq, summary };
      for (const row of fresh) {
        const line = lineOf(row, origin);
        const text = JSON.stringify(line);
        if (bytes + text.length > WANDB_REQUEST_BYTES_MOST) {
          await send(lines, after, until);
          [lines, bytes] = [[], 0];
        }
        lines.push(text);
        bytes += 2 * text.length;
        after = { seq: row.seq, summary: { ...after.summary, ...line } };
      }
      await send(lines, after, until);
    },
    isStopped: (until) => askStopped(access, place, until),
    finish: async (until) => void (await stream({ complete: true, exitcode: 0 }, until)),
  };
}

const pathOf = (root: string, { entity, project, runId }: WandbPlace): string =>
  [root, ...[entity, ...project.split('/'), runId].map(encodeURIComponent)].join('/');

/** The public service shows runs beside the address that it takes them at; a server of one's own at the same. */
const siteOf = (baseUrl: string): string =>
  baseUrl === 'https://api.wandb.ai' ? 'https://wandb.ai' : baseUrl;
