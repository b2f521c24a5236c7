import { describe, expect, it } from 'vitest';
import { accessibilityFaults } from './axe.ts';
import * as inPage from './in-page.ts';
import { executablePath, pageRig, phone } from './rig.ts';
import * as scenes from './scenes.ts';
import * as swarm from './swarm-scenes.ts';

const now = Date.now();

describe.skipIf(!executablePath)('the screen Swarm', () => {
  const rig = pageRig();
  const table = (name: string) => rig.page.getByRole('table', { name });
  const peersShown = () => table('Peers of the swarm').getByRole('row');

  async function openSwarm(view = swarm.atRest(now), look: object = {}): Promise<void> {
    rig.host.answer('pastRounds', swarm.pastRounds(now));
    await rig.open(view, { screen: 'swarm', ...look });
    await rig.page.getByRole('heading', { name: 'Rounds gone by' }).waitFor();
  }

  it('tells what became of each of 64 members, in a table below the picture', async () => {
    await openSwarm();
    const members = table('Traffic of this member in the all-reduce');
    expect(await members.getByRole('row').count()).toBe(64);
    const silent = members.getByRole('row').filter({ hasText: 'Silent' });
    expect(await silent.textContent()).toMatch(
      /failed.*Silent in the exchange\. Nothing of it arrived in time\./,
    );
    await members
      .getByText('62 % of it arrived in time, the rest was late. It stood in for others with 3 pieces.')
      .waitFor();
    await rig.inBothThemes(async (theme) => {
      expect(await accessibilityFaults(rig.page)).toEqual([]);
      await rig.shoot(`swarm-${theme}`);
    });
  });

  it('shows 256 peers a part at a time, sorted and found by what one knows of them', async () => {
    await openSwarm();
    expect(await peersShown().count()).toBe(33);
    await rig.page.getByText('1 to 32 of 256').waitFor();
    await rig.page.getByRole('button', { name: 'Peers after' }).click();
    await rig.page.getByText('33 to 64 of 256').waitFor();
    await rig.page.getByRole('button', { name: 'last fault' }).click();
    await rig.page.getByText('1 to 32 of 256').waitFor();
    expect(await peersShown().nth(1).textContent()).toMatch(
      /Silent in the exchange\. Round 39, (?:60 min|1 h) ago/,
    );
    await rig.page.getByLabel('Find').fill(swarm.hotkey(123));
    await expect.poll(() => peersShown().count()).toBe(2);
    await rig.page.getByLabel('Find').fill('nobody of that name');
    await rig.page.getByText('No peer fits that.').waitFor();
  });

  it('says whether others reach this computer and what would help, and asks anew', async () => {
    await openSwarm();
    const part = rig.page.getByRole('region', { name: 'This computer' });
    await part.getByText('reached through other members').waitFor();
    await part.getByText('The router refuses to open the port (its number: 606).').waitFor();
    await part.getByText('170 connected directly, 21 through a member').waitFor();
    await part.scrollIntoViewIfNeeded();
    await rig.shoot('swarm-reached');
    await part.getByRole('button', { name: 'Test again' }).click();
    await expect.poll(() => rig.argsOf('testReachability')).toEqual([[scenes.me]]);
  });

  it('says what the uplink carries, and why rounds came to nothing with what to do', async () => {
    await openSwarm();
    await rig.page
      .getByText('At 2.0 Mbit/s up, 39 % of your contribution would arrive in time in half precision')
      .waitFor();
    const past = table('Rounds gone by, and why some came to nothing');
    expect(await past.getByRole('row').nth(3).textContent()).toMatch(
      /38.*skipped.*2 of 3 members needed were ready\. The next round tries again by itself/,
    );
    expect(await past.getByRole('row').nth(1).textContent()).toMatch(
      /Amiss: .*\(silent in the exchange\), .*\(62 % in time\)/,
    );
    await rig.page.getByText('Skipped', { exact: true }).click();
    await expect.poll(() => rig.argsOf('pastRounds').at(-1)).toEqual([scenes.me, 'skipped', null]);
    await rig.page.getByRole('button', { name: 'Show older rounds' }).click();
    await expect.poll(() => rig.argsOf('pastRounds').at(-1)).toEqual([scenes.me, 'skipped', 36]);
  });

  it('says that nobody was met yet, and what is not known', async () => {
    rig.host.answer('pastRounds', { rounds: [], before: null });
    await rig.open(swarm.alone(now), { screen: 'swarm' });
    await rig.page.getByText('No peers yet.').waitFor();
    await rig.page.getByText('No round has ended yet.').waitFor();
    await rig.page.getByText('Your uplink is not measured yet.').waitFor();
    await rig.shoot('swarm-alone');
    expect(await accessibilityFaults(rig.page)).toEqual([]);
  });

  it('leads to Home where no run is at work', async () => {
    await rig.open(scenes.idle(), { screen: 'swarm' });
    await rig.page.getByRole('link', { name: 'To Home, where one is started' }).click();
    await rig.page.getByRole('button', { name: 'Practice', exact: true }).waitFor();
  });

  it('fits a phone in the middle of an exchange of 64, without motion and in forced colours', async () => {
    await openSwarm(swarm.exchanging(now), { viewport: phone, reducedMotion: 'reduce' });
    await table('Traffic of this member in the all-reduce').getByText('under way').first().waitFor();
    await rig.page.evaluate(inPage.scrollToEnd);
    expect(await rig.page.evaluate(inPage.measured)).toEqual(inPage.fitting);
    await rig.shoot('swarm-phone');
    await rig.page.emulateMedia({ forcedColors: 'active' });
    await rig.shoot('swarm-forced');
  });
});
