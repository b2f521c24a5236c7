import { describe, expect, it } from 'vitest';
import { accessibilityFaults } from './axe.ts';
import { executablePath, pageRig } from './rig.ts';
import * as scenes from './scenes.ts';

const AT = '2026-11-30T07:40:54.639Z';
const lines = Array.from(
  { length: 180 },
  (_, at) => `${AT} block ${at} round 0 contributing: finalized -> contribute`,
);
const part = {
  lines: [...lines, `${AT} train: TypeError: x is no function`, `${AT} companion-2 attention: DISK_FULL {}`],
  next: { start: 7, line: 182 },
  missed: 0,
  isFresh: true,
};
const nothing = { lines: [], next: part.next, missed: 0, isFresh: false };

describe.skipIf(!executablePath)('the screen Logs', () => {
  const rig = pageRig();
  const rows = () => rig.page.locator('[role=log] .line');

  async function openLogs(look: object = {}): Promise<void> {
    rig.host.answer('logLines', part);
    await rig.open(scenes.training(Date.now()), { screen: 'logs', ...look });
    await rig.page.getByText('train: TypeError').waitFor();
    rig.host.answer('logLines', nothing);
  }

  it('shows the newest lines, and draws those in sight alone', async () => {
    await openLogs();
    expect(await rows().count()).toBeLessThan(120);
    await rig.inBothThemes(async () => expect(await accessibilityFaults(rig.page)).toEqual([]));
    await rig.shoot('logs');
  });

  it('goes on behind what it has, and stops when it is told to', async () => {
    await openLogs();
    await expect.poll(() => rig.argsOf('logLines').at(-1)).toEqual([part.next]);
    rig.host.answer('logLines', { ...nothing, lines: [`${AT} a new line`], next: { start: 7, line: 183 } });
    await rig.page.getByText('a new line').first().waitFor();
    rig.host.answer('logLines', nothing);
    await rig.page.getByRole('button', { name: 'Stop following' }).click();
    await rig.page.getByRole('button', { name: 'Follow', exact: true }).waitFor();
  });

  it('shows what is asked for: how serious, by whom, with which text', async () => {
    await openLogs();
    await rig.page.getByRole('radio', { name: 'Faults' }).check({ force: true });
    await expect.poll(() => rows().allInnerTexts()).toHaveLength(1);
    await rig.page.getByRole('radio', { name: 'Everything' }).check({ force: true });
    await rig.page.getByLabel('Said by').selectOption('companion-2');
    await expect.poll(async () => (await rows().allInnerTexts()).join()).toContain('DISK_FULL');
    await rig.page.getByLabel('Said by').selectOption('');
    await rig.page.getByLabel('With this text').fill('BLOCK 171');
    await expect.poll(() => rows().allInnerTexts()).toHaveLength(1);
    await rig.page.getByLabel('With this text').fill('nowhere');
    await rig.page.getByText('No line fits.').waitFor();
  });

  it('fits a narrow window', async () => {
    await openLogs({ viewport: { width: 480, height: 900 } });
    expect(await rig.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await rig.shoot('logs-narrow');
  });
});
