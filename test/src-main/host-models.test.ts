import { beforeEach, describe, expect, it } from 'vitest';
import { riseAlarm, storesOfSettings } from '../../src-main/host-models.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { defaultSettings, type SettingValues } from '../../src-shared/settings.ts';
import { ss58 } from '../../src-shared/units.ts';

const hotkey = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');

describe('the alarm of a run', () => {
  let told: CodedError[];
  let cleared: string[];
  const curve = (...losses: number[]) => losses.map((loss, round) => ({ round, loss }));
  const start = () =>
    riseAlarm('a test', {
      notice: (error) => void told.push(error),
      clearNotice: (code) => void cleared.push(code),
    });
  beforeEach(() => {
    [told, cleared] = [[], []];
  });

  it('is told once of each state that is worse still, and taken back by one that is better', () => {
    const alarm = start();
    alarm(curve(5, 4, 4.1, 4.2));
    expect(told).toEqual([]);
    alarm(curve(5, 4, 4.1, 4.2, 4.3));
    alarm(curve(5, 4, 4.1, 4.2, 4.3));
    const params = { run: 'a test', states: 3, round: 1, from: '4.000', to: '4.300' };
    expect(told).toEqual([{ code: 'MODEL_LOSS_RISES', params }]);
    alarm(curve(5, 4, 4.1, 4.2, 4.3, 4.4));
    expect(told).toHaveLength(2);
    expect(cleared).toEqual([]);
    alarm(curve(5, 4, 4.1, 4.2, 4.3, 4.4, 4.2));
    expect(cleared).toEqual(['MODEL_LOSS_RISES']);
  });

  it('takes nothing back that it never told', () => {
    start()(curve(5, 4));
    expect(cleared).toEqual([]);
  });
});

describe('stores that settings name', () => {
  const tokens = { reveal: () => Promise.reject(new Error('nothing is opened')) };
  const { consensus } = practiceProfile({
    witness: hotkey,
    ownerColdkey: hotkey,
    endpoint: '',
    bootstrap: [],
  });
  const named = (values: Partial<SettingValues>) =>
    storesOfSettings({ ...defaultSettings, ...values }, tokens, [{ hotkey, consensus }]).map(
      ({ address, why }) => `${why} ${address}`,
    );

  it('are none where nothing is published and nothing read', () => {
    expect(named({})).toEqual([]);
  });

  it('are the own one and the one that is read', () => {
    expect(
      named({
        'publishing.to': 'folder',
        'publishing.folder': '/states',
        'publishing.from': 'hub:somebody/states',
      }),
    ).toEqual(['own folder:/states', 'chosen hub:somebody/states']);
  });

  it('are one for each run where the account of the key makes them', () => {
    expect(named({ 'publishing.to': 'hub' })).toEqual([
      `own hub:…/sn${consensus.chain.netuid}-practice-${hotkey.slice(0, 8)}`,
    ]);
  });
});
