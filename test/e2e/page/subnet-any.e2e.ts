import { describe, expect, it } from 'vitest';
import type { SubnetView } from '../../../src-shared/contract/page/subnet.ts';
import { hex, rao } from '../../../src-shared/units.ts';
import { accessibilityFaults } from './axe.ts';
import { executablePath, pageRig } from './rig.ts';
import { idle, me, stoppedBefore, training } from './scenes.ts';
import { fullSubnet, youngSubnet } from './subnet-scenes.ts';

const practiceNetwork = { name: 'practice', mark: 'PRACTICE', genesis: hex('ab'.repeat(32)), isReal: false };
const listed = [
  { netuid: 7, name: 'Many eyes', priceRao: rao(42_000_000n) },
  { netuid: 38, name: 'Distributed Training', priceRao: null },
];
const strangers = (nowMs: number): SubnetView => {
  const full = fullSubnet(nowMs);
  return {
    ...full,
    netuid: 7,
    place: null,
    identity: { ...full.identity, expectedName: null, expectedOwner: null },
  };
};

describe.skipIf(!executablePath)('a subnet that no run works on', () => {
  const rig = pageRig();
  const now = Date.now();
  const open = async (view: SubnetView) => {
    rig.host.answer('subnetEconomics', view);
    await rig.open(training(now), { screen: 'subnet' });
  };
  const lookAt = (name: string) =>
    rig.inBothThemes(async (theme) => {
      await rig.shoot(`${name}-${theme}`);
      expect(await accessibilityFaults(rig.page)).toEqual([]);
    });

  it('looks at any subnet of the network, for nobody and read only', async () => {
    rig.host.answer('listSubnets', listed);
    await open(fullSubnet(now));
    rig.host.answer('subnetEconomics', strangers(now));
    await rig.page
      .getByLabel('Subnet', { exact: true })
      .selectOption({ label: 'Subnet 7 · Many eyes · τ 0.042000' });
    await rig.page.getByRole('heading', { name: 'What is it?' }).waitFor();
    expect(rig.argsOf('subnetEconomics').at(-1)).toEqual([
      { kind: 'netuid', network: 'practice', netuid: 7 },
    ]);
    expect(await rig.page.getByRole('heading', { name: 'Your place' }).count()).toBe(0);
    await lookAt('subnet-any');
  });

  it('is looked at without any run, once a network is chosen', async () => {
    rig.host.answer('listSubnets', listed);
    await rig.open({ ...idle(), moneyNetworks: [practiceNetwork] }, { screen: 'subnet' });
    await rig.page.getByLabel('Network', { exact: true }).selectOption('practice');
    await rig.page.getByLabel('Subnet', { exact: true }).selectOption('38');
    await expect.poll(() => rig.argsOf('subnetEconomics')).toHaveLength(1);
  });

  it('says why a network’s subnets could not be read', async () => {
    rig.host.refuse('listSubnets', { code: 'CHAIN_UNREACHABLE', params: { endpoint: 'wss://node.example' } });
    await rig.open({ ...idle(), moneyNetworks: [practiceNetwork] }, { screen: 'subnet' });
    await rig.page.getByLabel('Network', { exact: true }).selectOption('practice');
    await rig.page.getByRole('alert').filter({ hasText: 'node.example' }).waitFor();
    await lookAt('subnet-pick-error');
  });

  it('shows what was seen last of a practice that is stopped, and starts it', async () => {
    rig.host.answer('subnetEconomics', { ...youngSubnet(now - 7_200_000), isAsleep: true });
    await rig.open(stoppedBefore(now), { viewport: { width: 1280, height: 1_200 }, screen: 'subnet' });
    await rig.page.getByText('The practice is stopped, and its chain stands still with it.').waitFor();
    await rig.page.getByText(/What stands below is of block [\d,]+, 2 (?:h|hours).* ago\./).waitFor();
    await lookAt('subnet-asleep');
    await rig.page.getByRole('button', { name: 'Start practice' }).click();
    await expect.poll(() => rig.argsOf('startRun')).toEqual([[me]]);
  });
});
