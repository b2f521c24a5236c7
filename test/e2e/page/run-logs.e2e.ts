import { describe, expect, it } from 'vitest';
import type { RunLogState } from '../../../src-shared/contract/page/run-logs.ts';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import { accessibilityFaults } from './axe.ts';
import { executablePath, pageRig, phone } from './rig.ts';
import { changed, idle, training } from './scenes.ts';

const now = Date.now();
const told: RunLogState = {
  ...{ kind: 'wandb', lastSeq: 41, toldAtMs: now, pendingRows: 0, failedSinceMs: null, failures: 0 },
  ...{ place: 'https://wandb.ai/team/distributed_training_miners/runs/m007', problem: null },
};
const torn: RunLogState = {
  ...{ kind: 'tensorboard', lastSeq: 41, toldAtMs: now, pendingRows: 1_204, failedSinceMs: now, failures: 2 },
  place:
    '/home/you/.local/share/butterfly/tensorboard/practice-abababab-5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
  problem: { code: 'DISK_FULL', params: { path: '/home/you' } },
};

const on = (view: View): View => ({
  ...view,
  settings: { ...view.settings, 'logs.wandb': true, 'logs.tensorBoard': true },
});

describe.skipIf(!executablePath)('run logs in settings', () => {
  const rig = pageRig();
  const key = () => rig.page.getByLabel('Key of Weights & Biases');

  it('say that nothing is told while both are off', async () => {
    await rig.open(idle(), { screen: 'settings' });
    await rig.page.getByText('Both are off: nothing is told to anybody.', { exact: false }).waitFor();
    expect(await key().count()).toBe(0);
  });

  it('say of each run how far it is at each target, and what keeps it', async () => {
    rig.host.answer('listTokens', []);
    await rig.open(on(changed(training(now), { logs: [told, torn] })), { screen: 'settings' });
    await rig.page.getByText('All rows are there, last told at', { exact: false }).waitFor();
    const link = rig.page.getByRole('link', { name: 'Look at the run' });
    expect(await link.getAttribute('href')).toBe(told.place);
    await rig.page.getByText('1,204 rows wait to be told.').waitFor();
    await rig.page.getByText('The disk that holds /home/you is full.').waitFor();
    await rig.inBothThemes(async () => expect(await accessibilityFaults(rig.page)).toEqual([]));
    await rig.page.getByRole('heading', { name: 'Run logs' }).scrollIntoViewIfNeeded();
    await rig.shoot('settings-run-logs');
  });

  it('keep a key, try it at the service, and remove it', async () => {
    rig.host.answer('listTokens', []);
    await rig.open(on(idle()), { screen: 'settings' });
    await key().fill(' some-key ');
    rig.host.answer('listTokens', [{ name: 'wandb', kind: 'wandb', keptBy: 'file', setAtMs: now }]);
    await rig.page.getByRole('button', { name: 'Keep this key' }).click();
    await rig.page.getByText('A key is kept here since', { exact: false }).waitFor();
    expect(rig.argsOf('setToken')).toEqual([['wandb', { kind: 'wandb', apiKey: 'some-key' }]]);
    expect(await key().inputValue()).toBe('');
    rig.host.answer('testRunLogKey', { entity: 'team' });
    await rig.page.getByRole('button', { name: 'Try the key' }).click();
    await rig.page.getByText('It opens the account of team.').waitFor();
    rig.host.refuse('testRunLogKey', { code: 'WANDB_KEY_REFUSED', params: {} });
    await rig.page.getByRole('button', { name: 'Try the key' }).click();
    await rig.page.getByText('Weights & Biases does not take this key.').waitFor();
    rig.host.answer('listTokens', []);
    await rig.page.getByRole('button', { name: 'Remove the key' }).click();
    await expect.poll(() => rig.page.getByText('A key is kept here since', { exact: false }).count()).toBe(0);
    expect(rig.argsOf('forgetToken')).toEqual([['wandb']]);
  });

  it('fit a narrow window', async () => {
    rig.host.answer('listTokens', []);
    const viewport = { ...phone, width: 360 };
    await rig.open(on(changed(training(now), { logs: [told, torn] })), { screen: 'settings', viewport });
    await rig.page.getByRole('heading', { name: 'Run logs' }).scrollIntoViewIfNeeded();
    const wide = await rig.page.evaluate('document.documentElement.scrollWidth');
    expect(wide).toBeLessThanOrEqual(360);
    await rig.shoot('settings-run-logs-narrow');
  });
});
