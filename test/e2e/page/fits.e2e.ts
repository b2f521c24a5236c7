import { describe, expect, it } from 'vitest';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import * as inPage from './in-page.ts';
import { facts, profileText, quote } from './join-scenes.ts';
import * as money from './money-scenes.ts';
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
const refusedState = {
  kind: 'refused',
  block: 6_204_114,
  error: { code: 'BALANCE_TOO_LOW', params: { needed: 'τ 2.000177', free: 'τ 1.9' } },
} as const;
const states: readonly (readonly [string, View, string | null])[] = [
  ['welcome', scenes.idle(), null],
  ['stopped before', scenes.stoppedBefore(now), null],
  ['setting up', scenes.settingUp(now), null],
  ['early', scenes.early(now), null],
  ['training', scenes.training(now), null],
  ['averaging', scenes.averaging(now), null],
  ['failed', scenes.failed(now), null],
  ['blocked', scenes.blocked(now), null],
  ['refused', scenes.refused(now), null],
  ['resting', scenes.resting(now), null],
  ['paused', scenes.paused(now), null],
  ['paused by a rule', scenes.housePaused(now), null],
  ['missed', scenes.missed(now), null],
  ['validating', scenes.validating(now), null],
  ['weights committed', scenes.committedWeights(now), null],
  ['chain silent', scenes.silentChain(now), null],
  ['subnet of somebody else', scenes.taken(now), null],
  ['beside stopped ones', scenes.besideStopped(now), null],
  ['two runs', scenes.twoRuns(now), null],
  ['much to tell', scenes.muchToTell(now), null],
  ['join', scenes.idle(), 'join'],
  ['settings', scenes.training(now), 'settings'],
  ['no wallet', money.none(), 'wallet'],
  ['wallets found', money.found(), 'wallet'],
  ['wallet', money.full(now), 'wallet'],
  ['wallet not proved', money.unproved(now), 'wallet'],
  ['wallet that is old', money.stale(now), 'wallet'],
  ['staking without a wallet', money.none(), 'staking'],
  ['staking under way', money.standing(now, { kind: 'in-block', block: 6_204_114 }), 'staking'],
  ['staking refused', money.standing(now, refusedState), 'staking'],
];

describe.skipIf(!executablePath)('the page fits its window', () => {
  const rig = pageRig();

  it.each(states)('%s', async (_name, view, screen) => {
    await rig.open(view, screen === null ? {} : { screen });
    await fitsEverywhere();
  });

  async function fitsEverywhere(): Promise<void> {
    for (const size of windows) {
      await rig.page.setViewportSize(size);
      await rig.page.evaluate(inPage.scrollToEnd);
      const seen = (await rig.page.evaluate(inPage.measured)) as inPage.Measured;
      const at = `${size.width} x ${size.height}`;
      expect({ at, ...seen }).toEqual({ at, ...inPage.fitting });
    }
  }

  const openProfile = () =>
    rig.page.getByLabel('Open a file').setInputFiles({
      name: `${'a-long-name-'.repeat(8)}.json`,
      mimeType: 'application/json',
      buffer: Buffer.from(profileText),
    });

  it('a join that is refused at every field', async () => {
    const endpoint = `ws://${'a-long-name.'.repeat(14)}example:9944`;
    await rig.open(scenes.idle(), { screen: 'join' });
    rig.host.refuse('testEndpoint', { code: 'ENDPOINT_NO_CHAIN', params: { endpoint } });
    await rig.page.getByLabel('Endpoint', { exact: true }).fill(endpoint);
    await openProfile();
    await rig.page.getByText('is no chain that Butterfly can read.').waitFor();
    await fitsEverywhere();
    await rig.page.setViewportSize(windows[0]);
    await rig.shoot('join-refused-320');
  });

  it('a join whose quote and keys are refused', async () => {
    rig.host.answer('testEndpoint', facts);
    const problem = { code: 'HOTKEY_LIVE_ELSEWHERE', params: { peer: '12D3KooW'.repeat(6) } } as const;
    rig.host.answer('quoteJoin', { ...quote, problem });
    await rig.open(scenes.idle(), { screen: 'join' });
    await rig.page.getByLabel('Endpoint', { exact: true }).fill(facts.endpoint);
    await openProfile();
    await rig.page.getByText('This hotkey was started on another machine').first().waitFor();
    await fitsEverywhere();
  });

  it.each([
    ['start over', scenes.training(now), ['More: stop, start over, quit', 'Start over…']],
    ['quit', scenes.training(now), ['More: stop, start over, quit', 'Quit Butterfly…']],
    ['forget', scenes.besideStopped(now), ['show what can be started', 'Forget…']],
    ['evidence', scenes.training(now), ['why?']],
    ['about', scenes.training(now), ['About']],
  ])('with the dialog %s open', async (_name, view, clicks) => {
    await rig.open(view);
    for (const name of clicks)
      await rig.page
        .getByRole('button', { name })
        .or(rig.page.getByRole('menuitem', { name }))
        .first()
        .click();
    await rig.page.getByRole('dialog').waitFor();
    for (const size of windows) {
      await rig.page.setViewportSize(size);
      const seen = await rig.page.evaluate(inPage.dialogMeasured);
      expect({ size, seen }).toEqual({ size, seen: { widerBy: 0, outBy: 0 } });
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
