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
