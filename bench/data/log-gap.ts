import { type Figure, figure } from '../report/figures.ts';
import { gapOf } from './log-gap-run.ts';

/** Rows of a run lost or doubled at Weights & Biases and in event files, whatever happens to host and network. */
export async function logGap(): Promise<Figure> {
  const { rows, kills, lost, doubled } = await gapOf({
    kills: 12,
    toldOfLife: 6,
    rowsOffline: 400,
    seed: 38,
  });
  const gap = lost.wandb + lost.tensorboard + doubled.wandb + doubled.tensorboard;
  const seen = `${rows} rows, ${kills} kills, an hour of rows without a network; lost ${lost.wandb} and ${lost.tensorboard}, doubled ${doubled.wandb} and ${doubled.tensorboard}`;
  return figure('log-gap', gap, 'rows', { floor: 0, goal: 0, seen });
}
