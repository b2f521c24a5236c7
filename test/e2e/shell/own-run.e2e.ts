import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askStatus } from '../../../src-main/shells/control/ask-host.ts';
import { parseProfile, profileHash } from '../../../src-shared/profile/profile.ts';
import type { Profile } from '../../../src-shared/profile/schema.ts';
import { type HostProcess, startHostProcess } from '../host-process.ts';
import { executablePath, openRealPage, type RealPage, SOON_MS } from '../real-page.ts';
import { agreeing, atTerminal } from './at-terminal.ts';

const NETUID = '38';

describe.skipIf(!executablePath)(
  'a run of one’s own, from the owner’s subnet to who joins by its number',
  () => {
    let folder: string;
    let devnet: HostProcess;
    let network: string;
    let given: Profile;
    const at = (name: string) => join(folder, name);
    const owner = () => [
      '--network',
      network,
      '--wallet',
      at('devnet/owner'),
      '--data-dir',
      at('owner-data'),
    ];
    const store = () => `folder:${at('store')}`;
    const profileIn = async (file: string): Promise<Profile> =>
      parseProfile(JSON.parse(await readFile(at(file), 'utf8')));

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'butterfly-own-run-'));
      devnet = startHostProcess(['devnet', '--block-ms', '300', '--port', '0', '--folder', at('devnet')]);
      const [, url] = await devnet.said(/answers at (ws:[^,\s]+)/);
      network = `devnet=${url}`;
      given = await profileIn('devnet/profile.json');
    });
    afterAll(async () => {
      await devnet?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    async function done(args: readonly string[]): Promise<string> {
      const command = startHostProcess(args);
      expect(await command.ended, command.output()).toBe(0);
      return command.output();
    }

    it('is drafted, with each change of the subnet shown and agreed to', { timeout: SOON_MS }, async () => {
      const { witnesses } = given.consensus;
      const [witness = ''] = witnesses.kind === 'hotkeys' ? witnesses.hotkeys : [];
      const said = await agreeing([
        ...['run', 'create', at('mine.json'), ...owner(), '--netuid', NETUID, '--name', 'mine'],
        ...['--base', at('devnet/profile.json'), '--subnet-name', 'Mine on 38', '--witnesses', witness],
        ...['--bootstrap', given.local.bootstrap.join(',')],
      ]);
      expect(said).toContain('Butterfly practice → Mine on 38');
      const { consensus } = await profileIn('mine.json');
      expect(consensus.chain).toEqual({
        ...given.consensus.chain,
        identity: { ...given.consensus.chain.identity, name: 'Mine on 38' },
      });
    });

    it('is pinned, and put where others read it', { timeout: SOON_MS }, async () => {
      expect(await done(['run', 'pin', at('mine.json')])).toContain('All of it is pinned');
      const { consensus } = await profileIn('mine.json');
      expect(consensus.initialWeights.digest).not.toBeNull();
      expect(await done(['run', 'publish', at('mine.json'), '--store', store()])).toContain(
        profileHash(consensus),
      );
    });

    it('is announced by the owner', { timeout: SOON_MS }, async () => {
      const said = await agreeing(['run', 'announce', at('mine.json'), '--store', store(), ...owner()]);
      const { consensus } = await profileIn('mine.json');
      expect(said).toContain(`announce the run ${profileHash(consensus).slice(0, 16)}…`);
    });

    it('is found by its number from another data folder, shown, and joined by a yes', {
      timeout: SOON_MS,
    }, async () => {
      const { consensus } = await profileIn('mine.json');
      const hash = profileHash(consensus);
      const terminal = atTerminal([
        ...['join', '--headless', '--network', network, '--netuid', NETUID, '--keys', at('devnet/miner-1')],
        ...['--register-limit', '1', '--data-dir', at('joined')],
      ]);
      await terminal.read(new RegExp(hash));
      await terminal.read(/Type yes to join this run/);
      terminal.press('yes\r');
      const works = async () =>
        (await askStatus(at('joined')).catch(() => null))?.runs.map(({ profile }) => profile);
      await expect.poll(works, { timeout: SOON_MS }).toEqual(['mine']);
      terminal.press('\u0003');
      await terminal.ended;
    });

    describe('on the page', () => {
      let host: HostProcess;
      let real: RealPage;
      beforeAll(async () => {
        host = startHostProcess(['--no-open', '--data-dir', at('page')]);
        real = await openRealPage(host);
      });
      afterAll(async () => {
        await real?.close();
        await host?.stop();
      });

      it('is found by its number, and shown before anything is asked', { timeout: SOON_MS }, async () => {
        const { page } = real;
        const hash = profileHash((await profileIn('mine.json')).consensus);
        await page.getByRole('link', { name: 'Join a network' }).first().click();
        await page.getByLabel('Endpoint', { exact: true }).fill(network.slice('devnet='.length));
        await page.getByLabel('Find a run by its subnet').fill(NETUID);
        await page.getByRole('button', { name: 'Find', exact: true }).click();
        await page.getByText(hash).waitFor({ timeout: SOON_MS });
        await page.getByText('Pays for: Steps 50 %').waitFor();
        await real.fits('join-announced');
      });
    });
  },
);
