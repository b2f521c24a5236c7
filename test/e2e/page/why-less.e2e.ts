import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { accessibilityFaults } from './axe.ts';
import * as inPage from './in-page.ts';
import { executablePath, pageRig } from './rig.ts';
import * as scenes from './scenes.ts';
import { judged, validating } from './validator-scenes.ts';
import { earnedLess, earnedNothing, plan, thinPlan } from './why-less-scenes.ts';

const now = Date.now();

describe.skipIf(!executablePath)('a miner’s “why less?”', () => {
  const rig = pageRig();
  const dialog = () => rig.page.getByRole('dialog', { name: 'Why did I earn less?' });

  async function ask(): Promise<void> {
    await rig.open(scenes.training(now));
    await rig.page.getByRole('button', { name: 'why less?' }).click();
    await dialog().waitFor();
  }

  it('names validator, part, what changed and what happened here, the costliest first', async () => {
    rig.host.answer('whyLess', earnedLess(now));
    await ask();
    await dialog().getByText('0.98 → 0.61').waitFor();
    await dialog().getByText('34 % → 27 %').waitFor();
    const rows = dialog().getByRole('table').getByRole('row');
    const said = await rows.allTextContents();
    expect(said[1]).toMatch(/All-reduce.*1\.00.*0\.24.*0\.19.*24 % of its chunks reached the average/);
    expect(said[2]).toMatch(
      /Bandwidth.*0\.92.*0\.21.*0\.18.*in the slower direction of a challenge.*Before: 28/,
    );
    expect(said[3]).toMatch(/Steps.*brought 0\.03/);
    expect(said).toHaveLength(4);
    await dialog().getByText('Round 40: Your parts came after the others had closed.').waitFor();
    await dialog().getByText('Round 41 was worked slower: 640 tokens/s, 1,284 in the one before.').waitFor();
    await dialog().getByText('Its first word on you: there is nothing to compare it with.').waitFor();
    await rig.inBothThemes(async (theme) => {
      expect(await accessibilityFaults(rig.page)).toEqual([]);
      await rig.shoot(`why-less-${theme}`);
    });
    for (const size of [
      { width: 320, height: 640 },
      { width: 900, height: 700 },
    ]) {
      await rig.page.setViewportSize(size);
      expect({ size, seen: await rig.page.evaluate(inPage.dialogMeasured) }).toEqual({
        size,
        seen: { widerBy: 0, outBy: 0 },
      });
    }
  });

  it('says of a state that it did not show what it was asked for, and what its looks came to', async () => {
    rig.host.answer('whyLess', earnedNothing(now));
    await ask();
    const [, said] = await dialog().getByRole('table').getByRole('row').allTextContents();
    expect(said).toMatch(/Honesty.*No piece of the model that the round began with came in time/);
    expect(said).toMatch(/3 of the last 9 looks at its work found that it helps/);
    await dialog().getByText('Nothing that this computer noted explains it.').waitFor();
    await rig.shoot('why-less-state');
  });

  it('saves what both sides signed as a file, and says why it cannot', async () => {
    rig.host.answer('whyLess', earnedLess(now));
    rig.host.answer('writeDispute', { name: 'butterfly-dispute-5Grw.json', text: '{"signed":true}' });
    await ask();
    const save = dialog().getByRole('button', { name: 'Save a dispute file' });
    const saving = rig.page.waitForEvent('download');
    await save.click();
    const file = await saving;
    expect(file.suggestedFilename()).toBe('butterfly-dispute-5Grw.json');
    expect(await readFile(await file.path(), 'utf8')).toBe('{"signed":true}');
    expect(rig.argsOf('writeDispute')).toEqual([[scenes.me]]);
    rig.host.refuse('writeDispute', { code: 'DISPUTE_NOTHING', params: {} });
    await save.click();
    await dialog().getByRole('alert').waitFor();
  });

  it('says that there is nothing to compare yet, and offers no file', async () => {
    rig.host.answer('whyLess', null);
    await ask();
    await dialog().getByText('Nothing to compare yet').waitFor();
    expect(await dialog().getByRole('button', { name: 'Save a dispute file' }).count()).toBe(0);
  });

  it('is asked by miners alone', async () => {
    await rig.open(scenes.validating(now));
    await rig.page.getByRole('button', { name: 'why?' }).waitFor();
    expect(await rig.page.getByRole('button', { name: 'why less?' }).count()).toBe(0);
  });
});

describe.skipIf(!executablePath)('a dry run of weights', () => {
  const rig = pageRig();
  const card = () => rig.page.getByRole('region', { name: 'What would be set now' });

  async function open(found: typeof plan): Promise<void> {
    rig.host.answer('validation', judged(now));
    rig.host.answer('weightsPlan', found);
    await rig.open(validating(now), { viewport: { width: 1280, height: 1_800 }, screen: 'validator' });
    await card().waitFor();
  }

  it('says who would get what, what changed since the last, and signs nothing', async () => {
    await open(plan);
    const rows = card().getByRole('row');
    await expect.poll(() => rows.count()).toBe(9);
    expect(await rows.nth(1).textContent()).toMatch(/^3 ?.*4\.0 %.*12 %.*\+8\.0 %/);
    await card().getByText('The last were taken at block 4,790.').waitFor();
    await card().getByRole('button', { name: 'Show all 11' }).click();
    await expect.poll(() => rows.count()).toBe(12);
    await rig.shoot('weights-plan');
    expect(await accessibilityFaults(rig.page)).toEqual([]);
  });

  it('says why nothing is set, and that the chain waits', async () => {
    await open(thinPlan);
    await card()
      .getByText('it takes 3 miners that were checked in the last 96 blocks; there are 1 so far')
      .waitFor();
    await card().getByText('None were set yet.').waitFor();
    await card().getByText('inactive from block 9,790').waitFor();
  });
});
