import { describe, expect, it } from 'vitest';
import { accessibilityFaults } from './axe.ts';
import { executablePath, pageRig } from './rig.ts';
import { idle } from './scenes.ts';

const SET_AT_MS = Date.UTC(2026, 10, 30);

describe.skipIf(!executablePath)('tokens of services', () => {
  const rig = pageRig();
  const button = (name: string) => rig.page.getByRole('button', { name, exact: true });
  const card = () => rig.page.getByRole('heading', { name: 'Tokens of services' });

  async function openWith(kept: readonly object[]): Promise<void> {
    await rig.open(idle());
    rig.host.answer('listTokens', kept);
    await rig.page.getByRole('link', { name: 'Settings' }).click();
    await card().scrollIntoViewIfNeeded();
  }

  it('leave the page once, and their fields with it', async () => {
    await openWith([]);
    await rig.page.getByText('None is kept.').waitFor();
    expect(await button('Keep it').isDisabled()).toBe(true);
    await rig.page.getByLabel('Access token').fill(' hf_ofTheHub ');
    rig.host.answer('listTokens', [{ name: 'hub', kind: 'hub', keptBy: 'keychain', setAtMs: SET_AT_MS }]);
    await button('Keep it').click();
    await expect.poll(() => rig.argsOf('setToken')).toEqual([['hub', { kind: 'hub', token: 'hf_ofTheHub' }]]);
    await rig.page.getByText('“hub” is kept.').waitFor();
    await rig.page.getByText('locked by the system’s keychain').waitFor();
    expect(await rig.page.getByLabel('Access token').inputValue()).toBe('');
    expect(await rig.page.content()).not.toContain('hf_ofTheHub');
  });

  it('of a store have two keys, and any name', async () => {
    await openWith([]);
    await rig.page.getByLabel('Service', { exact: true }).selectOption('s3');
    await rig.page.getByLabel('Name', { exact: true }).fill('bucket-1');
    await rig.page.getByLabel('Access key').fill('AKIA1');
    expect(await button('Keep it').isDisabled()).toBe(true);
    await rig.page.getByLabel('Secret key').fill('secret');
    rig.host.refuse('setToken', { code: 'KEYCHAIN_REFUSED', params: {} });
    await button('Keep it').click();
    await rig.page.getByText('The keychain of the system did not take the token.').waitFor();
    expect(await rig.page.getByLabel('Secret key').inputValue()).toBe('secret');
    expect(rig.argsOf('setToken')).toEqual([
      ['bucket-1', { kind: 's3', accessKeyId: 'AKIA1', secretAccessKey: 'secret' }],
    ]);
  });

  it('are tested and forgotten by name; what a service has from the system is not', async () => {
    await openWith([
      { name: 'hub', kind: 'hub', keptBy: 'file', setAtMs: SET_AT_MS },
      { name: 'runs', kind: 'wandb', keptBy: 'service', setAtMs: null },
    ]);
    rig.host.refuse('testToken', { code: 'TOKEN_LOCKED', params: { name: 'hub' } });
    await button('Does it open? (hub)').click();
    await rig.page.getByText('The token “hub” is locked by a keychain').waitFor();
    expect(await button('Forget (runs)').count()).toBe(0);
    await button('Forget (hub)').click();
    await expect.poll(() => rig.argsOf('forgetToken')).toEqual([['hub']]);
    await rig.page.getByText('withdraw it there too').waitFor();
    await rig.shoot('tokens-light');
    expect(await accessibilityFaults(rig.page)).toEqual([]);
    await rig.page.emulateMedia({ colorScheme: 'dark' });
    await rig.page.setViewportSize({ width: 360, height: 900 });
    await card().scrollIntoViewIfNeeded();
    await rig.shoot('tokens-narrow-dark');
    expect(await accessibilityFaults(rig.page)).toEqual([]);
  });
});
