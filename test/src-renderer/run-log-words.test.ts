import { expect, it } from 'vitest';
import { runLogLink } from '../../src-renderer/state/run-log-words.ts';

it.each([
  ['https://wandb.ai/team/p_miners/runs/m007', true],
  ['https://wandb.ai.example.org/team', false],
  ['https://wandb.mine.org/team/p_miners/runs/m007', false],
  ['/home/me/tensorboard/practice', false],
  [null, false],
])('%s is a link: %s', (place, isLink) => {
  expect(runLogLink({ place })).toBe(isLink ? place : null);
});
