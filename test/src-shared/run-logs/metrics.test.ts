import { expect, it } from 'vitest';
import { AXES, axisValueOf, metricsOf } from '../../../src-shared/run-logs/metrics.ts';
import { exampleRows } from '../../src-worker/publish/run-logs/example-rows.ts';

it('says what is known, under the names of the subnet’s dashboards', () => {
  expect(exampleRows.map((row) => metricsOf(row, '5Mine'))).toEqual([
    { 'round/number': -1, 'round/held_out_loss': 8.25 },
    {
      ...{ 'train/total_step': 1, 'train/outer_step': 0, 'train/loss': 8.5, 'train/learning_rate': 0.5 },
      ...{ 'train/gradient_norm': 1.25, 'train/tokens_per_second': 4_000 },
    },
    { 'train/total_step': 2, 'train/learning_rate': 0.5, 'train/tokens_per_second': 4_000 },
    {
      ...{ 'round/number': 0, 'round/outcome': 'committed', 'round/members': 3, 'round/contributed': 1 },
      ...{ 'all_reduce/duration': 2, 'all_reduce/upload': 2, 'all_reduce/download': 4 },
    },
    { 'round/number': 0, 'scores/total': 0.75, 'scores/average': 0.5, 'scores/weights': 0.25 },
    { 'round/number': 0, 'uid_3.total': 0.25 },
    {
      ...{
        'round/number': 0,
        'bittensor/block': 6_000_000,
        'bittensor/stake': 1.5,
        'bittensor/incentive': 0.25,
      },
      ...{ 'bittensor/dividends': 0, 'bittensor/emissions': 0.125 },
    },
  ]);
  expect(exampleRows.map(axisValueOf)).toEqual([-1, 1, 2, 0, 0, 0, 0]);
});

it('every name of the run itself has an axis that stands in its line', () => {
  const axisOf = (name: string) => Object.entries(AXES).find(([, names]) => names.includes(name))?.[0];
  for (const row of exampleRows) {
    const metrics = metricsOf(row, '5Mine');
    for (const name of Object.keys(metrics)) {
      if (name in AXES || name.startsWith('uid_')) continue;
      expect(metrics).toHaveProperty([axisOf(name) ?? `no axis of ${name}`]);
    }
  }
});

it('says where a step stood within its round, where that was kept', () => {
  const step = exampleRows.find(({ kind }) => kind === 'step');
  if (step?.kind !== 'step') throw new Error('no step among the examples');
  expect(metricsOf({ ...step, innerStep: 4 }, '5Mine')).toMatchObject({ 'train/inner_step': 4 });
  expect(metricsOf(step, '5Mine')).not.toHaveProperty('train/inner_step');
});

it('tells trust and consensus by the names of the subnet, where its chain keeps them', () => {
  const standing = exampleRows.find(({ kind }) => kind === 'standing');
  if (standing?.kind !== 'standing') throw new Error('no standing among the examples');
  expect(metricsOf({ ...standing, consensus: 0.5, trust: 0.75 }, '5Mine')).toMatchObject({
    ...{ 'bittensor/consensus': 0.5, 'bittensor/trust': 0.75 },
  });
  expect(metricsOf(standing, '5Mine')).not.toHaveProperty('bittensor/trust');
});

it('tells what a card says over steps, each further card under its number, and nothing that it does not say', () => {
  const row = {
    kind: 'card',
    ...{ seq: 9, atMs: 1, step: 40, card: 0, busy: 0.5, celsius: 61, watts: 150 },
    ...{ usedBytes: 2 ** 33, memoryBytes: 2 ** 34 },
  } as const;
  expect(metricsOf(row, '5Mine')).toEqual({
    ...{ 'train/total_step': 40, gpu_utilization: 50, gpu_temperature: 61, gpu_power: 150 },
    gpu_memory_percent: 50,
  });
  expect(metricsOf({ ...row, card: 1, busy: null, watts: null, memoryBytes: null }, '5Mine')).toEqual({
    ...{ 'train/total_step': 40, gpu_temperature_1: 61 },
  });
  expect(axisValueOf(row)).toBe(40);
  const { 'train/total_step': _axis, ...drawn } = metricsOf(row, '5Mine');
  expect(AXES['train/total_step']).toEqual(expect.arrayContaining(Object.keys(drawn)));
});
