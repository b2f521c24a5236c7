import { describe, expect, it } from 'vitest';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import { accessibilityFaults } from './axe.ts';
import { executablePath, pageRig, phone } from './rig.ts';
import { idle } from './scenes.ts';

const to = (place: string, view: View = idle()): View => ({
  ...view,
  settings: { ...view.settings, 'publishing.to': place },
});

describe.skipIf(!executablePath)('publishing in settings', () => {
  const rig = pageRig();
  const tryIt = () => rig.page.getByRole('button', { name: 'Try this place' });

  it('asks for nothing while nothing is published', async () => {
    rig.host.answer('listTokens', []);
    await rig.open(idle(), { screen: 'settings' });
    await rig.page.getByRole('heading', { name: 'Publishing' }).waitFor();
    expect(await tryIt().count()).toBe(0);
  });

  it('says what the Hub takes, and that a trial went well', async () => {
    rig.host.answer('listTokens', []);
    await rig.open(to('hub'), { screen: 'settings' });
    await rig.page.getByText('under Tokens of services by the name “hub”', { exact: false }).waitFor();
    const tested = { place: 'me/butterfly-trial', account: 'me', isPublic: false };
    rig.host.answer('testStore', { ...tested, sentBytesPerSecond: 2.5e6, receivedBytesPerSecond: 9e6 });
    await tryIt().click();
    await rig.page.getByText('a megabyte went to me/butterfly-trial at 2.4 MiB', { exact: false }).waitFor();
    await rig.page.getByText('Nobody else can read there yet.', { exact: false }).waitFor();
    await rig.inBothThemes(async () => expect(await accessibilityFaults(rig.page)).toEqual([]));
    await rig.page.getByRole('heading', { name: 'Publishing' }).scrollIntoViewIfNeeded();
    await rig.shoot('settings-publishing');
  });

  it('says what goes out now, what came of it before, and what that takes of the uplink', async () => {
    rig.host.answer('listTokens', []);
    const upload = { tag: '1.5.9', kind: 'state', place: 'hub:me/states', atMs: 1_790_000_000_000 } as const;
    const publishing: View['publishing'] = {
      current: {
        ...{ kind: 'state', round: 6, place: 'hub:me/states', phase: 'sending' },
        ...{ doneBytes: 250 * 2 ** 20, allBytes: 1_000 * 2 ** 20, waits: null },
      },
      ...{ isHeld: true, sentDayBytes: 5_400_000_000 },
      uploads: [
        {
          ...upload,
          round: 5,
          sentBytes: null,
          foundBytes: null,
          durationMs: null,
          code: 'STORE_UNREACHABLE',
          params: { store: 'The Hub', why: 'ECONNRESET' },
        },
        {
          ...upload,
          kind: 'update',
          round: 4,
          sentBytes: 5e7,
          foundBytes: 2e6,
          durationMs: 64_000,
          code: null,
          params: null,
        },
      ],
    };
    await rig.open({ ...to('hub'), publishing }, { screen: 'settings', viewport: { ...phone, width: 360 } });
    for (const text of [
      'Sends the whole model of round 6 to hub:me/states: 250 MiB of 1,000 MiB.',
      'A round averages: next to nothing goes until that is over.',
      '5.0 GiB went out, 0.5 Mbit/s on average.',
      'it did not get to hub:me/states. The Hub could not be reached (ECONNRESET).',
      '47.7 MiB sent to hub:me/states in 1 min, 1.9 MiB was there already.',
    ])
      await rig.page.getByText(text, { exact: false }).waitFor();
    expect(await rig.page.getByRole('progressbar').getAttribute('value')).toBe('0.25');
    await rig.inBothThemes(async () => expect(await accessibilityFaults(rig.page)).toEqual([]));
    expect(await rig.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await rig.page.getByRole('heading', { name: 'Publishing' }).scrollIntoViewIfNeeded();
    await rig.shoot('settings-publishing-now');
  });

  it('says what keeps states from a bucket, and fits a narrow window', async () => {
    rig.host.answer('listTokens', []);
    await rig.open(to('s3'), { screen: 'settings', viewport: { ...phone, width: 360 } });
    rig.host.refuse('testStore', { code: 'STORE_PLACE_MISSING', params: { place: 'states' } });
    await tryIt().click();
    await rig.page.getByText('states is not there, or not for this key.').waitFor();
    expect(await rig.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await rig.page.getByRole('heading', { name: 'Publishing' }).scrollIntoViewIfNeeded();
    await rig.shoot('settings-publishing-narrow');
  });
});
