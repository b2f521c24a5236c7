import { csvLines } from '../csv.ts';
import type { RunLogKind, RunLogRow } from './row.ts';

type RowOf<K extends RunLogKind> = Extract<RunLogRow, { kind: K }>;
type Cell = string | number | boolean | null;

/** Columns of a table, in their order: units stand in the names, times are UTC, what is not known is empty. */
const tables: {
  readonly [K in RunLogKind]: Readonly<Record<string, (row: RowOf<K>) => Cell>>;
} = {
  step: {
    step: ({ step }) => step,
    round: ({ round }) => round,
    inner_step: ({ innerStep }) => innerStep,
    loss: ({ loss }) => loss,
    learning_rate: ({ lr }) => lr,
    gradient_norm: ({ gradNorm }) => gradNorm,
    tokens: ({ tokens }) => tokens,
    step_ms: ({ stepMs }) => stepMs,
  },
  round: {
    round: ({ round }) => round,
    outcome: ({ outcome }) => outcome,
    members: ({ members }) => members,
    contributed: ({ contributed }) => contributed,
    sent_bytes: ({ bytesSent }) => bytesSent,
    received_bytes: ({ bytesReceived }) => bytesReceived,
    all_reduce_ms: ({ durationMs }) => durationMs,
  },
  'held-out': {
    round: ({ round }) => round,
    held_out_loss: ({ loss }) => loss,
  },
  standing: {
    round: ({ round }) => round,
    block: ({ block }) => block,
    stake_alpha: ({ stakeAlpha }) => stakeAlpha,
    incentive: ({ incentive }) => incentive,
    dividends: ({ dividends }) => dividends,
    consensus: ({ consensus }) => consensus,
    trust: ({ trust }) => trust,
    emission_alpha: ({ emissionAlpha }) => emissionAlpha,
  },
  card: {
    step: ({ step }) => step,
    card: ({ card }) => card,
    busy: ({ busy }) => busy,
    celsius: ({ celsius }) => celsius,
    watts: ({ watts }) => watts,
    used_bytes: ({ usedBytes }) => usedBytes,
    memory_bytes: ({ memoryBytes }) => memoryBytes,
  },
  score: {
    round: ({ round }) => round,
    validator: ({ validator }) => validator,
    hotkey: ({ hotkey }) => hotkey,
    uid: ({ uid }) => uid,
    total: ({ total }) => total,
    average: ({ average }) => average,
    weight: ({ weight }) => weight,
  },
};

export const csvHead = (kind: RunLogKind): string => csvLines([['utc', 'run', ...Object.keys(tables[kind])]]);

/** The rows of that kind among these, as lines. @param hotkey whose run it is */
export function csvOf<K extends RunLogKind>(kind: K, hotkey: string, rows: readonly RunLogRow[]): string {
  const columns = Object.values(tables[kind]);
  const own = rows.filter((row): row is RowOf<K> => row.kind === kind);
  return csvLines(
    own.map((row) => [new Date(row.atMs).toISOString(), hotkey, ...columns.map((cell) => textOf(cell(row)))]),
  );
}

const textOf = (cell: Cell): string => (cell === null ? '' : String(cell));
