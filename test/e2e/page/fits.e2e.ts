import { describe, expect, it } from 'vitest';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import * as inPage from './in-page.ts';
import { executablePath, pageRig } from './rig.ts';
import * as scenes from './scenes.ts';

/** Widths at which the layout changes, and a window of 1280 x 800 zoomed to twice its size. */
const windows = [
  { width: 320, height: 640 },
  { width: 480, height: 900 },
  { width: 640, height: 400 },
  { width: 900, height: 700 },
  { width: 934, height: 700 },
  { width: 1280, height: 800 },
] as const;

const now = Date.now();
const states: readonly (readonly [string, View, string | null])[] = [
  ['welcome', scenes.idle(), null],
  ['stopped before', scenes.stoppedBefore(now), null],
  ['setting up', scenes.settingUp(now), null],
  ['early', scenes.early(now), null],
  ['training', scenes.training(now), null],
  ['resting', scenes.resting(now), null],
  ['paused', scenes.paused(now), null],
  ['missed', scenes.missed(now), null],
  ['validating', scenes.validating(now), null],
  ['beside stopped ones', scenes.besideStopped(now), null],
  ['two runs', scenes.twoRuns(now), null],
  ['much to tell', scenes.muchToTell(now), null],
  ['join', scenes.idle(), 'join'],
  ['settings', scenes.training(now), 'settings'],
];

describe.skipIf(!executablePath)('the page fits its window', () => {
  const rig = pageRig();

  it.each(states)('%s', async (_name, view, screen) => {
    await rig.open(view, screen === null ? {} : { screen });
    for (const size of windows) {
      await rig.page.setViewportSize(size);
      await rig.page.evaluate(inPage.scrollToEnd);
      const seen = (await rig.page.evaluate(inPage.measured)) as inPage.Measured;
      const at = `${size.width} x ${size.height}`;
      expect({ at, ...seen }).toEqual({ at, ...inPage.fitting });
    }
  });

  it.each([
    ['Practice', scenes.idle()],
    ['Pause', scenes.training(now)],
    ['Resume', scenes.paused(now)],
  ])('keeps %s in sight, at every width and at twice the size', async (name, view) => {
    await rig.open(view);
    const button = rig.page.getByRole('button', { name, exact: true });
    await button.waitFor();
    for (const size of windows) {
      await rig.page.setViewportSize(size);
      const box = await button.boundingBox();
      const inside =
        box !== null && box.x >= 0 && box.x + box.width <= size.width && box.y + box.height <= size.height;
      expect({ size, inside }).toEqual({ size, inside: true });
    }
  });

  it('cuts no amount short, at any width', async () => {
    await rig.open(scenes.training(Date.now()));
    await rig.page.getByText('Wallet and earnings').waitFor();
    for (const size of windows) {
      await rig.page.setViewportSize(size);
      const { seen, cut } = (await rig.page.evaluate(inPage.amounts)) as inPage.Amounts;
      expect({ size, seen: seen > 3, cut }).toEqual({ size, seen: true, cut: [] });
    }
  });
});
