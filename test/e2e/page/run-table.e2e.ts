import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { accessibilityFaults } from './axe.ts';
import { executablePath, pageRig } from './rig.ts';
import { training } from './scenes.ts';

describe.skipIf(!executablePath)('tables of a run', () => {
  const rig = pageRig();

  it('are saved whole, and what keeps them is said', async () => {
    rig.host.answer('runTable', { csv: 'utc,run,round\r\n', next: null });
    await rig.open(training(Date.now()), { screen: 'home' });
    const wait = rig.page.waitForEvent('download');
    await rig.page.getByRole('button', { name: 'Save rounds as CSV' }).click();
    const saved = await wait;
    expect(saved.suggestedFilename()).toMatch(/^butterfly-round-\d{4}-\d\d-\d\d\.csv$/);
    expect(await readFile(await saved.path(), 'utf8')).toBe('utc,run,round\r\n');
    await rig.shoot('home-save-table');
    expect(await accessibilityFaults(rig.page)).toEqual([]);
    rig.host.refuse('runTable', { code: 'DISK_FAILING', params: { path: '/home/you' } });
    await rig.page.getByRole('button', { name: 'Save scores as CSV' }).click();
    await rig.page.getByText('/home/you', { exact: false }).waitFor();
  });
});
