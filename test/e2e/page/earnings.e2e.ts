import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { EarningsHistory } from '../../../src-shared/contract/page/earnings.ts';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import { accessibilityFaults } from './axe.ts';
import { paid, practised, unpaid, withHole } from './earnings-scenes.ts';
import * as inPage from './in-page.ts';
import { executablePath, pageRig, phone } from './rig.ts';
import * as scenes from './scenes.ts';

const now = Date.now();
const settled = { ...scenes.training(now).settings, 'earnings.rate': 312.5 };
const priced: View = {
  ...scenes.training(now),
  settings: { ...settled, 'earnings.watts': 320, 'earnings.tariff': 0.31 },
};
const measured: View = {
  ...priced,
  settings: { ...priced.settings, 'earnings.watts': 0 },
  power: { gpuWatts: 61.2, cpuWatts: 44.8, measuredMs: 3_600_000 },
};
const states: readonly (readonly [string, View, EarningsHistory | undefined, string])[] = [
  ['empty', scenes.idle(), undefined, 'Nothing has worked here yet'],
  ['loading', scenes.training(now), undefined, 'Reading the ledger.'],
  ['unpaid', scenes.training(now), unpaid(), 'The first pay normally appears'],
  ['practised', scenes.training(now), practised(now), 'Not enough days yet'],
  ['full', priced, paid(now), 'A day like the middle half'],
  ['gap', priced, withHole(now), 'A day like the middle half'],
  ['measured', measured, paid(now), 'The watts are measured: graphics card 61 W, processor 45 W'],
  ['stale', scenes.silentChain(now), paid(now), 'The chain is silent.'],
];

describe.skipIf(!executablePath)('the earnings screen', () => {
  const rig = pageRig();

  async function open(view: View, history: EarningsHistory | undefined): Promise<void> {
    rig.host.answer('earningsHistory', history);
    await rig.open(view, { screen: 'earnings' });
    await rig.page.getByRole('heading', { name: 'Earnings', level: 1 }).waitFor();
  }

  it.each(states)('%s', async (name, view, history, said) => {
    await open(view, history);
    await rig.page.getByText(said, { exact: false }).first().waitFor();
    await rig.inBothThemes(async (theme) => {
      expect(await accessibilityFaults(rig.page)).toEqual([]);
      await rig.shoot(`earnings-${name}-${theme}-1280`);
    });
    await fits();
    await rig.page.setViewportSize(phone);
    await rig.inBothThemes((theme) => rig.shoot(`earnings-${name}-${theme}-480`));
    // Each state is wide above; narrow, one is enough.
    if (name === 'full') expect(await accessibilityFaults(rig.page)).toEqual([]);
    await fits();
  });

  async function fits(): Promise<void> {
    await rig.page.evaluate(inPage.scrollToEnd);
    expect(await rig.page.evaluate(inPage.measured)).toEqual(inPage.fitting);
  }

  it('says why the ledger could not be read, and asks again', async () => {
    rig.host.refuse('earningsHistory', { code: 'DISK_FULL', params: { path: '/data' } });
    await open(scenes.training(now), paid(now));
    await rig.page.getByRole('alert').waitFor();
    await rig.inBothThemes(async (theme) => {
      expect(await accessibilityFaults(rig.page)).toEqual([]);
      await rig.shoot(`earnings-refused-${theme}-1280`);
    });
    await rig.page.getByRole('button', { name: 'Try again' }).click();
    await rig.page.getByText('What the chain paid you').waitFor();
  });

  it('is told by days, weeks, months and epochs, as a picture and as a table, by keyboard alone', async () => {
    await open(priced, withHole(now));
    await rig.page.getByRole('radio', { name: 'Day' }).focus();
    await rig.page.keyboard.press('ArrowRight');
    expect(await rig.page.getByRole('radio', { name: 'Week' }).isChecked()).toBe(true);
    await rig.page.keyboard.press('ArrowLeft');
    await rig.page.locator('summary').focus();
    await rig.page.keyboard.press('Enter');
    const rows = rig.page.getByRole('row');
    await rows.nth(1).waitFor();
    expect(await rows.filter({ hasText: 'what was paid is not known' }).count()).toBeGreaterThan(1);
    expect(await rows.nth(1).textContent()).toContain('not over yet');
    await rig.shoot('earnings-table-light-1280');
    expect(await accessibilityFaults(rig.page)).toEqual([]);
  });

  it('hands over the ledger and the form for Koinly as files, every row of them', async () => {
    const history = paid(now, 3);
    const { hotkey, coldkey, netuid, entries } = history;
    const part = { coldkey, account: [], stake: { hotkey, netuid, entries }, next: null };
    rig.host.answer('ledgerPart', part);
    await open(priced, history);
    const wait = rig.page.waitForEvent('download');
    await rig.page.getByRole('button', { name: 'Save the ledger as CSV' }).click();
    const own = await wait;
    expect(own.suggestedFilename()).toMatch(/^butterfly-ledger-38-\d{4}-\d\d-\d\d\.csv$/);
    const text = await readFile(await own.path(), 'utf8');
    expect(text.split('\r\n')[0]).toContain('utc,block,event_id,type');
    expect(text.split('\r\n')).toHaveLength(entries.length + 2);
    await rig.page.getByText(`Written, from ${entries.length} rows.`).waitFor();
    const again = rig.page.waitForEvent('download');
    await rig.page.getByRole('button', { name: 'Save for Koinly' }).click();
    expect(await readFile(await (await again).path(), 'utf8')).toContain('mining');
    rig.host.refuse('ledgerPart', { code: 'LEDGER_PART_UNKNOWN', params: {} });
    await rig.page.getByRole('button', { name: 'Save for Koinly' }).click();
    await rig.page.getByText('The ledger changed while it was being read.').waitFor();
  });

  it('asks again for each epoch that was booked, and not for anything else', async () => {
    await open(scenes.training(now), paid(now));
    await rig.page.getByText('What the chain paid you').waitFor();
    const asked = () => rig.argsOf('earningsHistory').length;
    expect(asked()).toBe(1);
    const { earnings } = scenes.mineOf(scenes.training(now));
    if (!earnings?.lastEpoch) throw new Error('the scene has no pay');
    rig.host.showMine({ earnings: { ...earnings, nextEpochBlock: 5 } });
    rig.host.showMine({
      earnings: { ...earnings, lastEpoch: { ...earnings.lastEpoch, block: earnings.lastEpoch.block + 11 } },
    });
    await expect.poll(asked).toBe(2);
  });
});
