/**
 * Epochs that Subtensor's own tests work through (`pallets/subtensor/src/tests/epoch`, `test_yuma_3_*`, of 2026): three
 * validators, then miners; Yuma 3 with weights unclipped in the bonds; kappa 32767/65535; liquid alpha from 0.1 to 0.3
 * with steepness 10, or a moving average of 0.975 where it is off. Values as written there, to four digits.
 */
export interface Scenario {
  readonly name: string;
  readonly stake: readonly number[];
  readonly isLiquid: boolean;
  /** By epoch: what each validator gives the first, the second and the third miner, of any size. */
  readonly votes: readonly (readonly (readonly number[])[])[];
  /** By epoch, of the validators. */
  readonly dividends: readonly (readonly number[])[];
  /** By epoch: bonds of each validator in the miners. */
  readonly bonds: readonly (readonly (readonly number[])[])[];
}

const [A, B] = [
  [1, 0],
  [0, 1],
];
const BIG = [8, 1, 1];
const EQUAL = [33, 33, 34];
const all = (vote: readonly number[] = []) => [vote, vote, vote];
const three = (a: readonly number[] = [], b: readonly number[] = [], c: readonly number[] = []) => [a, b, c];

export const scenarios: readonly Scenario[] = [
  {
    name: 'test_yuma_3_kappa_moves_first',
    stake: BIG,
    isLiquid: true,
    votes: [all(A), three(B, A, A), three(B, B, A), all(B), all(B), all(B)],
    dividends: [
      [0.8, 0.1, 0.1],
      [1, 0, 0],
      [0.9382, 0.0618, 0],
      [0.8819, 0.0773, 0.0407],
      [0.8564, 0.0844, 0.0592],
      [0.8418, 0.0884, 0.0697],
    ],
    bonds: [
      three([0.1013, 0], [0.1013, 0], [0.1013, 0]),
      three([0.0908, 0.1013], [0.3697, 0], [0.3697, 0]),
      three([0.0815, 0.1924], [0.317, 0.1013], [0.558, 0]),
      three([0.0731, 0.2742], [0.2765, 0.1924], [0.4306, 0.1013]),
      three([0.0656, 0.3478], [0.2435, 0.2742], [0.3589, 0.1924]),
      three([0.0588, 0.4139], [0.2157, 0.3478], [0.3089, 0.2742]),
    ],
  },
  {
    name: 'test_yuma_3_kappa_moves_last',
    stake: BIG,
    isLiquid: true,
    votes: [all(A), three(A, B, A), three(A, B, B), all(B), all(B), all(B)],
    dividends: [
      [0.8, 0.1, 0.1],
      [0.8446, 0.0498, 0.1056],
      [0.8966, 0.0333, 0.0701],
      [0.4663, 0.321, 0.2127],
      [0.5976, 0.234, 0.1683],
      [0.6592, 0.1932, 0.1475],
    ],
    bonds: [
      three([0.1013, 0], [0.1013, 0], [0.1013, 0]),
      three([0.1924, 0], [0.0908, 0.2987], [0.1924, 0]),
      three([0.2742, 0], [0.0815, 0.5081], [0.1715, 0.2987]),
      three([0.2416, 0.1013], [0.0731, 0.558], [0.1531, 0.3697]),
      three([0.2141, 0.1924], [0.0656, 0.6028], [0.1369, 0.4336]),
      three([0.1903, 0.2742], [0.0588, 0.643], [0.1225, 0.491]),
    ],
  },
  {
    name: 'test_yuma_3_one_epoch_switch',
    stake: EQUAL,
    isLiquid: true,
    votes: [all(A), all(A), three(A, A, B), all(A), all(A), all(A)],
    dividends: [
      [0.33, 0.33, 0.34],
      [0.33, 0.33, 0.34],
      [0.3782, 0.3782, 0.2436],
      [0.3628, 0.3628, 0.2745],
      [0.3541, 0.3541, 0.2917],
      [0.3487, 0.3487, 0.3026],
    ],
    bonds: [
      three([0.1013, 0], [0.1013, 0], [0.1013, 0]),
      three([0.1924, 0], [0.1924, 0], [0.1924, 0]),
      three([0.2742, 0], [0.2742, 0], [0.1715, 0.2987]),
      three([0.3478, 0], [0.3478, 0], [0.2554, 0.2618]),
      three([0.4139, 0], [0.4139, 0], [0.3309, 0.2312]),
      three([0.4733, 0], [0.4733, 0], [0.3987, 0.2051]),
    ],
  },
  {
    name: 'test_yuma_3_liquid_alpha_disabled',
    stake: EQUAL,
    isLiquid: false,
    votes: [all(A), all(A), three(A, A, B), all(A), all(A), all(A)],
    dividends: [
      [0.33, 0.33, 0.34],
      [0.33, 0.33, 0.34],
      [0.3734, 0.3734, 0.2532],
      [0.3611, 0.3611, 0.2779],
      [0.3541, 0.3541, 0.2919],
      [0.3495, 0.3495, 0.3009],
    ],
    bonds: [
      three([0.025, 0], [0.025, 0], [0.025, 0]),
      three([0.0494, 0], [0.0494, 0], [0.0494, 0]),
      three([0.0731, 0], [0.0731, 0], [0.0481, 0.025]),
      three([0.0963, 0], [0.0963, 0], [0.0719, 0.0244]),
      three([0.1189, 0], [0.1189, 0], [0.0951, 0.0238]),
      three([0.1409, 0], [0.1409, 0], [0.1178, 0.0232]),
    ],
  },
];
