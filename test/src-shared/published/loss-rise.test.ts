import { describe, expect, it } from 'vitest';
import { lossRise, RISING_STATES } from '../../../src-shared/published/loss-rise.ts';

const curve = (...losses: number[]) => losses.map((loss, i) => ({ round: 10 * i, loss }));

describe('a loss that rises', () => {
  it.each([
    ['is none without states', []],
    ['is none of one state', [4]],
    ['is none while it falls', [5, 4, 3, 2]],
    ['is none while it rose less often than that', [5, 4, 4.1, 4.2]],
    ['is none when the newest fell again', [4, 4.1, 4.2, 4.3, 4.25]],
    ['is none of the trembling of a model that has learnt', [4, 4.001, 4.002, 4.003]],
    ['is none where it stays', [4, 4, 4, 4, 4]],
  ])('%s', (_name, losses) => {
    expect(lossRise(curve(...losses))).toBeNull();
  });

  it('is told from the last state before it, with all that rose since', () => {
    expect(lossRise(curve(6, 5, 4, 4.1, 4.2, 4.3))).toEqual({
      ...{ states: RISING_STATES, sinceRound: 20, fromLoss: 4, toLoss: 4.3 },
    });
    expect(lossRise(curve(4, 4.1, 4.2, 4.3, 4.4))).toMatchObject({ states: 4, sinceRound: 0 });
  });
});
