import { beforeEach, describe, expect, it } from 'vitest';
import { followRun } from '../../src-main/host-publishing.ts';
import type { PublishOrder } from '../../src-main/publishing/publisher.ts';
import type { RoundsEvents } from '../../src-main/rounds/telling.ts';
import { listeners } from '../../src-node/listeners.ts';
import { liveProfile } from '../../src-shared/profile/shipped.ts';
import { defaultSettings } from '../../src-shared/settings.ts';
import { hex, type Ss58 } from '../../src-shared/units.ts';

const hotkey = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' as Ss58;
const digest = hex('cd'.repeat(32));
const rounds = listeners<RoundsEvents>();
const train = listeners<{ step: { round: number | null; innerStep: number } }>();
let orders: PublishOrder[];
let averaging: boolean[];
let end: () => void;

function follow(role: 'miner' | 'validator'): () => void {
  const run = {
    ...{ hotkey, profileHash: digest, storeId: 3, rounds: { on: rounds.on, lineage: [] }, train },
    config: { dataDir: '/run', role, profile: liveProfile('gpt2-124m'), keys: {} },
  };
  return followRun(
    run as never,
    { order: (order) => orders.push(order), setAveraging: (_run, is) => void averaging.push(is) },
    { settings: { values: defaultSettings, onChange: () => () => undefined }, store: {} as never },
  );
}

beforeEach(() => {
  orders = [];
  averaging = [];
  end = follow('miner');
  return () => end();
});

const settle = (
  round: number,
  outcome: 'committed' | 'void',
  baseDigest = digest as typeof digest | null,
  contributed = true,
) =>
  rounds.emit('settled', {
    ...{ summary: { outcome, contributed }, preparedId: null, baseDigest },
    round: { round, blockHash: hex('ab'.repeat(32)), roster: { members: [{ hotkey, weight: 1 }] } },
  } as never);

describe('what a run orders to be published', () => {
  it('is the state that its round was committed to, under the steps that it took in it', () => {
    train.emit('step', { round: 21, innerStep: 9 });
    train.emit('step', { round: 22, innerStep: 1 });
    settle(21, 'committed');
    expect(orders).toMatchObject([
      { runId: 3, kind: 'state', of: { round: 21, baseDigest: digest, innerStep: 9 }, isPublic: true },
    ]);
  });

  it('is nothing of a round that came to nothing, nor of a base that it does not stand on', () => {
    settle(21, 'void');
    settle(22, 'committed', null);
    expect(orders).toEqual([]);
  });

  it('stays closed until a round took what its miner gave', () => {
    settle(20, 'committed', digest, false);
    settle(40, 'committed', digest, true);
    expect(orders.map(({ isPublic }) => isPublic)).toEqual([false, true]);
  });

  it('is open to all from the first on where a validator publishes, who gives nothing to any round', () => {
    end();
    end = follow('validator');
    settle(20, 'committed', digest, false);
    expect(orders).toMatchObject([{ kind: 'state', isPublic: true }]);
  });

  it('waits from a contribution to its average, and no longer than it runs', () => {
    const phases = ['working', 'ready', 'reducing', 'verifying', 'awaiting-outcome', 'ready'] as const;
    for (const phase of phases) rounds.emit('view', { phase } as never);
    end();
    expect(averaging).toEqual([false, true, true, true, false, true, false]);
    settle(40, 'committed');
    expect(orders).toEqual([]);
  });
});
