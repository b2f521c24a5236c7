import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../../src-shared/settings.ts';
import { executablePath, pageRig } from './rig.ts';
import { idle } from './scenes.ts';

describe.skipIf(!executablePath)('settings', () => {
  const rig = pageRig();
  const threads = () => rig.page.getByLabel('Processor threads for training');

  async function openSettings(): Promise<void> {
    await rig.open(idle(), { screen: 'settings' });
    await rig.page.getByRole('heading', { name: 'Settings' }).waitFor();
  }

  it('are drawn by group, each with what it changes and when', async () => {
    await openSettings();
    for (const group of ['Training', 'House rules', 'Networks', 'Swarm', 'Joining', 'Window and page'])
      await rig.page.getByRole('heading', { name: group, exact: true }).waitFor();
    await rig.page.getByText('0 leaves one core free').waitFor();
    expect(await rig.page.getByText('with the next start of a run').count()).toBeGreaterThan(2);
    await rig.shoot('settings-light');
  });

  it('lead to the log', async () => {
    await openSettings();
    const part = { lines: ['train starts again'], next: { start: 1, line: 1 }, missed: 0, isFresh: true };
    rig.host.answer('logLines', part);
    await rig.page.getByRole('link', { name: 'Open the log' }).click();
    await rig.page.getByRole('heading', { name: 'Logs' }).waitFor();
    await rig.page.getByText('train starts again').waitFor();
  });

  it('of each type are set by their control', async () => {
    await rig.open({ ...idle(), app: { ...idle().app, shell: 'electron' } }, { screen: 'settings' });
    await rig.page.getByRole('switch', { name: 'Draw the window with the graphics card' }).click();
    await rig.page.getByLabel('Who may connect to this computer').selectOption('this-computer');
    await threads().fill('3');
    await threads().press('Enter');
    await rig.page.getByLabel('Folder of your keys').fill('~/keys');
    await rig.page.getByLabel('Folder of your keys').blur();
    await expect
      .poll(() => rig.argsOf('setSetting'))
      .toEqual([
        ['window.acceleration', true],
        ['swarm.reach', 'this-computer'],
        ['training.threads', 3],
        ['join.keysFolder', '~/keys'],
      ]);
  });

  it('have the start at login as the system has it, also against what was asked', async () => {
    rig.host.answer('startsAtLogin', true);
    rig.host.answer('setStartsAtLogin', true);
    await rig.open({ ...idle(), app: { ...idle().app, shell: 'electron' } }, { screen: 'settings' });
    const login = rig.page.getByRole('switch', { name: 'Start Butterfly when I log in' });
    await expect.poll(() => login.isChecked()).toBe(true);
    await login.click();
    await expect.poll(() => rig.argsOf('setStartsAtLogin')).toEqual([[false]]);
    await expect.poll(() => login.isEnabled()).toBe(true);
    expect(await login.isChecked()).toBe(true);
    rig.host.refuse('setStartsAtLogin', { code: 'DISK_FULL', params: { path: '/home' } });
    await login.click();
    await rig.page.getByText('The disk that holds /home is full.').first().waitFor();
    expect(await login.isChecked()).toBe(true);
    await rig.shoot('settings-login');
  });

  it('say why an app that runs from its folder cannot be started at login, and nothing of it in a browser', async () => {
    rig.host.answer('startsAtLogin', null);
    await rig.open({ ...idle(), app: { ...idle().app, shell: 'electron' } }, { screen: 'settings' });
    await rig.page.getByText('This one runs from its folder.', { exact: false }).waitFor();
    await openSettings();
    expect(await rig.page.getByRole('heading', { name: 'With this computer' }).count()).toBe(0);
  });

  it('tell at the field what it does not accept, without asking the host', async () => {
    await openSettings();
    for (const [label, value, said] of [
      ['Processor threads for training', '65', 'It needs a whole number from 0 to 64, digits alone.'],
      ['Processor threads for training', '', 'This does not accept nothing.'],
      ['Processor threads for training', '0x10', 'This does not accept 0x10.'],
      ['Highest price of a registration', '1e2', 'written with a point like 0.05'],
      ['Port for peers', '80.5', 'It needs a whole number from 0 to 65,535, digits alone.'],
      ['Endpoint of the real network', 'https://example.com', 'It needs an address that begins with ws://'],
      ['Folder of your keys', 'keys', 'It needs a whole path'],
    ] as const) {
      const field = rig.page.getByLabel(label);
      await field.fill(value);
      await field.press('Enter');
      await rig.page.getByText(said).waitFor();
      expect(await field.getAttribute('aria-invalid'), `${label}: ${value}`).toBe('true');
      expect(rig.argsOf('setSetting')).toEqual([]);
      await field.press('Escape');
      expect(await field.getAttribute('aria-invalid'), label).toBe('false');
    }
  });

  it('tell at the field why the host refused, and keep what was typed', async () => {
    await openSettings();
    rig.host.refuse('setSetting', { code: 'DISK_FULL', params: { path: '/home/you' } });
    await threads().fill('3');
    await threads().press('Enter');
    await rig.page.getByText('The disk that holds /home/you is full.').waitFor();
    expect(await threads().inputValue()).toBe('3');
  });

  it('are asked for once by who leaves the field before the host has answered', async () => {
    await openSettings();
    const answer = Promise.withResolvers<void>();
    rig.host.answer('setSetting', answer.promise);
    await threads().fill('3');
    await threads().press('Enter');
    await threads().blur();
    await threads().fill('4');
    await threads().press('Enter');
    await expect
      .poll(() => rig.argsOf('setSetting'))
      .toEqual([
        ['training.threads', 3],
        ['training.threads', 4],
      ]);
    answer.resolve();
    rig.host.show({ settings: { ...defaultSettings, 'training.threads': 4 } });
    await rig.page.getByRole('button', { name: 'back to 0' }).waitFor();
    expect(await threads().inputValue()).toBe('4');
  });

  it('go back to what they were made with', async () => {
    await openSettings();
    expect(await rig.page.getByRole('button', { name: /^back to/ }).count()).toBe(0);
    rig.host.show({ settings: { ...defaultSettings, 'training.threads': 3 } });
    await rig.page.getByRole('button', { name: 'back to 0' }).click();
    await expect.poll(() => rig.argsOf('setSetting')).toEqual([['training.threads', 0]]);
  });

  it('are found by any of their words', async () => {
    await openSettings();
    await rig.page.getByLabel('Search settings').fill('router port');
    await expect
      .poll(() => rig.page.getByRole('listitem').filter({ hasText: 'Port for peers' }).count())
      .toBe(1);
    expect(await threads().count()).toBe(0);
    await rig.page.getByLabel('Search settings').fill('zebra crossings');
    await rig.page.getByText('No setting has “zebra crossings” in its words.').waitFor();
  });
});
