import { describe, expect, it } from 'vitest';
import { wasWithout } from '../../src-renderer/state/why-words.ts';
import { mineOf, missed, training } from '../e2e/page/scenes.ts';

describe('a round', () => {
  const [newest] = mineOf(missed(0)).history.slice(-1);
  const [own] = mineOf(training(0)).history.slice(-1);
  if (!newest || !own) throw new Error('the scenes have rounds');

  it('went by without a miner that contributed nothing to its average', () => {
    expect(wasWithout(newest, 'miner')).toBe(true);
    expect(wasWithout(own, 'miner')).toBe(false);
  });

  it('is missed by no validator, and by nobody where it came to nothing', () => {
    expect(wasWithout(newest, 'validator')).toBe(false);
    expect(wasWithout({ ...newest, outcome: 'void' }, 'miner')).toBe(false);
  });
});
