import { expect, it } from 'vitest';
import { gapOf } from '../../bench/data/log-gap-run.ts';

it('no row is lost or doubled by kills, lost answers and a server that is away', {
  timeout: 120_000,
}, async () => {
  const gap = await gapOf({ kills: 3, toldOfLife: 3, rowsOffline: 40, seed: 7 });
  expect(gap.rows).toBeGreaterThan(60);
  expect(gap).toMatchObject({
    kills: 4,
    lost: { wandb: 0, tensorboard: 0 },
    doubled: { wandb: 0, tensorboard: 0 },
  });
});
