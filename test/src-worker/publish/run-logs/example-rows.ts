import type { RunLogRow } from '../../../../src-shared/run-logs/row.ts';

const T = 1_790_000_000_000;

/** A row of each kind, and what is not known in them. The hotkey of the run is "5Mine". */
export const exampleRows: readonly RunLogRow[] = [
  { kind: 'held-out', seq: 0, atMs: T, round: -1, loss: 8.25 },
  {
    ...{
      kind: 'step',
      seq: 1,
      atMs: T + 1_000,
      round: 0,
      step: 1,
      innerStep: null,
      loss: 8.5,
      lr: 0.5,
      gradNorm: 1.25,
    },
    ...{ tokens: 2_048, stepMs: 512 },
  },
  {
    ...{
      kind: 'step',
      seq: 3,
      atMs: T + 2_000,
      round: null,
      step: 2,
      innerStep: null,
      loss: null,
      lr: 0.5,
      gradNorm: null,
    },
    ...{ tokens: 2_048, stepMs: 512 },
  },
  {
    ...{
      kind: 'round',
      seq: 4,
      atMs: T + 3_000,
      round: 0,
      outcome: 'committed',
      members: 3,
      contributed: true,
    },
    ...{ bytesSent: 4_000_000, bytesReceived: 8_000_000, durationMs: 2_000 },
  },
  {
    ...{ kind: 'score', seq: 5, atMs: T + 4_000, round: 0, validator: '5Validator', hotkey: '5Mine', uid: 7 },
    ...{ total: 0.75, average: 0.5, weight: 0.25 },
  },
  {
    ...{
      kind: 'score',
      seq: 6,
      atMs: T + 5_000,
      round: 0,
      validator: '5Validator',
      hotkey: '5Other',
      uid: 3,
    },
    ...{ total: 0.25, average: null, weight: null },
  },
  {
    ...{ kind: 'standing', seq: 7, atMs: T + 6_000, round: 0, block: 6_000_000 },
    ...{ stakeAlpha: 1.5, incentive: 0.25, dividends: 0, emissionAlpha: 0.125, consensus: null, trust: null },
  },
];
