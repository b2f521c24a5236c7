import type { RunLogRow } from './row.ts';

/** What a row says under the names that dashboards of the subnet know; what is not known is left out. */
export type Metrics = Readonly<Record<string, number | string>>;

const BYTES_PER_MEGABYTE = 1e6;

/**
 * The metrics of a row. `train/…` are drawn over `train/total_step`, `round/…`, `all_reduce/…`, `scores/…`, `bittensor/…` and `uid_…`
 * over `round/number`; each line carries its axis. `gpu_…` of the first card are the subnet's name for one; further cards
 * have their number behind it.
 * @param hotkey whose run it is: its own score stands under `scores/`, those of others under their number
 */
export function metricsOf(row: RunLogRow, hotkey: string): Metrics {
  switch (row.kind) {
    case 'step':
      return known({
        'train/total_step': row.step,
        'train/inner_step': row.innerStep,
        'train/outer_step': row.round,
        'train/loss': row.loss,
        'train/learning_rate': row.lr,
        'train/gradient_norm': row.gradNorm,
        'train/tokens_per_second': row.stepMs > 0 ? (row.tokens * 1_000) / row.stepMs : null,
      });
    case 'round':
      return known({
        'round/number': row.round,
        'round/outcome': row.outcome,
        'round/members': row.members,
        'round/contributed': Number(row.contributed),
        'all_reduce/duration': row.durationMs === null ? null : row.durationMs / 1_000,
        'all_reduce/upload': megabytesPerSecond(row.bytesSent, row.durationMs),
        'all_reduce/download': megabytesPerSecond(row.bytesReceived, row.durationMs),
      });
    case 'standing':
      return known({
        'round/number': row.round,
        'bittensor/block': row.block,
        'bittensor/stake': row.stakeAlpha,
        'bittensor/trust': row.trust,
        'bittensor/consensus': row.consensus,
        'bittensor/incentive': row.incentive,
        'bittensor/dividends': row.dividends,
        'bittensor/emissions': row.emissionAlpha,
      });
    case 'card': {
      const place = row.card === 0 ? '' : `_${row.card}`;
      return known({
        'train/total_step': row.step,
        [`gpu_utilization${place}`]: percent(row.busy),
        [`gpu_temperature${place}`]: row.celsius,
        [`gpu_power${place}`]: row.watts,
        [`gpu_memory_percent${place}`]: percent(usedShare(row)),
      });
    }
    case 'held-out':
      return { 'round/number': row.round, 'round/held_out_loss': row.loss };
    case 'score': {
      const place =
        row.hotkey === hotkey ? 'scores/' : `${row.uid === null ? row.hotkey : `uid_${row.uid}`}.`;
      return known({
        'round/number': row.round,
        [`${place}total`]: row.total,
        [`${place}average`]: row.average,
        [`${place}weights`]: row.weight,
      });
    }
  }
}

const megabytesPerSecond = (bytes: number, durationMs: number | null): number | null =>
  durationMs === null || durationMs <= 0 ? null : bytes / BYTES_PER_MEGABYTE / (durationMs / 1_000);

const percent = (share: number | null): number | null => (share === null ? null : 100 * share);

const usedShare = ({ usedBytes, memoryBytes }: Extract<RunLogRow, { kind: 'card' }>): number | null =>
  usedBytes === null || !memoryBytes ? null : usedBytes / memoryBytes;

const known = (metrics: Readonly<Record<string, number | string | null>>): Metrics =>
  Object.fromEntries(
    Object.entries(metrics).filter((entry): entry is [string, number | string] => entry[1] !== null),
  );

/** Names that are drawn over another one, by that one. */
export const AXES: Readonly<Record<string, readonly string[]>> = {
  'train/total_step': [
    ...['train/inner_step', 'train/outer_step', 'train/loss', 'train/learning_rate', 'train/gradient_norm'],
    'train/tokens_per_second',
    ...['gpu_utilization', 'gpu_temperature', 'gpu_power', 'gpu_memory_percent'],
  ],
  'round/number': [
    ...['round/outcome', 'round/members', 'round/contributed', 'round/held_out_loss'],
    ...['all_reduce/duration', 'all_reduce/upload', 'all_reduce/download'],
    ...['scores/total', 'scores/average', 'scores/weights'],
    ...['bittensor/block', 'bittensor/stake', 'bittensor/incentive', 'bittensor/dividends'],
    ...['bittensor/trust', 'bittensor/consensus', 'bittensor/emissions'],
  ],
};

/** Where a row stands on the axis of its kind. */
export const axisValueOf = (row: RunLogRow): number =>
  row.kind === 'step' || row.kind === 'card' ? row.step : row.round;
