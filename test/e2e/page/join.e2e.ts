import { describe, expect, it } from 'vitest';
import { formatCount } from '../../../src-renderer/i18n/format.ts';
import { shippedProfileNames } from '../../../src-shared/profile/shipped.ts';
import { rao } from '../../../src-shared/units.ts';
import * as inPage from './in-page.ts';
import { facts, profile, quote, profileText as text } from './join-scenes.ts';
import { executablePath, pageRig } from './rig.ts';
import { idle, me, training } from './scenes.ts';

describe.skipIf(!executablePath)('joining a network', () => {
  const rig = pageRig();
  const endpoint = () => rig.page.getByLabel('Endpoint', { exact: true });
  const button = () => rig.page.getByRole('button', { name: /^Join/ });

  async function openForm(): Promise<void> {
    rig.host.answer('testEndpoint', facts);
    rig.host.answer('quoteJoin', quote);
    await rig.open(idle(), { screen: 'join' });
    await rig.page.getByRole('heading', { name: 'Join a network' }).waitFor();
  }

  const openFile = (content = text) =>
    rig.page.getByLabel('Open a file').setInputFiles({
      name: 'profile.json',
      mimeType: 'application/json',
      buffer: Buffer.from(content),
    });

  async function fill(): Promise<void> {
    await endpoint().fill('ws://127.0.0.1:9944');
    await openFile();
    await rig.page.getByText('price of a place now').waitFor();
  }

  it('stands beside Practice and in the rail', async () => {
    await rig.open();
    await rig.page.getByRole('link', { name: 'Join a network' }).click();
    await rig.page.getByRole('heading', { name: 'Join a network' }).waitFor();
    await rig.page.getByRole('link', { name: 'Home' }).click();
    await rig.page.getByRole('button', { name: 'Practice' }).waitFor();
  });

  it('asks a host that is back anew, with what was typed', async () => {
    await openForm();
    await fill();
    rig.host.answer('quoteJoin', { ...quote, registrationCostRao: rao(750_000_000n) });
    await rig.page.evaluate(inPage.cutLine);
    await rig.page.getByText('τ 0.7500', { exact: true }).waitFor();
    expect(await endpoint().inputValue()).toBe('ws://127.0.0.1:9944');
    expect(rig.argsOf('testEndpoint')).toHaveLength(2);
  });

  it('asks an endpoint who it is once typing rests, and tells what was found', async () => {
    await openForm();
    // Letter by letter, and faster than any clock: what was typed on the way is asked for by nobody.
    await endpoint().focus();
    await rig.page.evaluate(inPage.typed('ws://127.0.0.1:9944'));
    await rig.page.getByText('Butterfly devnet').waitFor();
    expect(rig.argsOf('testEndpoint')).toEqual([['ws://127.0.0.1:9944', 38]]);
    await rig.page
      .getByText('subnet 38 is')
      .or(rig.page.getByText('38 is “Butterfly practice”'))
      .first()
      .waitFor();
  });

  it('shows the profile in a file by its hash', async () => {
    await openForm();
    await openFile();
    await rig.page.getByText(profile.hash).waitFor();
    expect(rig.argsOf('readProfile')).toEqual([[{ kind: 'file', text }]]);
    await rig.page.getByText(`${formatCount(profile.model.parameters)} parameters`).waitFor();
  });

  it('offers no shipped profile that does not run yet, and says why', async () => {
    await openForm();
    const options = rig.page.getByLabel('Run profile').locator('option');
    expect(await options.allTextContents()).toEqual([
      'Choose one',
      ...shippedProfileNames.map((name) => `${name} (not yet)`),
    ]);
    for (const option of (await options.all()).slice(1)) expect(await option.isDisabled()).toBe(true);
    await rig.page.getByText('are drafts. Whose run they become').waitFor();
    await rig.shoot('join-empty-light');
  });

  it('finds the run that a subnet’s owner announces, and shows it before anything is asked', async () => {
    await openForm();
    await endpoint().fill('ws://127.0.0.1:9944');
    const found = { profile: { kind: 'file', text }, summary: profile, block: 1234, store: 'hub:me/run' };
    rig.host.answer('findRun', found);
    await rig.page.getByLabel('Find a run by its subnet').fill('38');
    await rig.page.getByRole('button', { name: 'Find', exact: true }).click();
    await rig.page.getByText('announced it at block 1234; it was read from hub:me/run').waitFor();
    await rig.page.getByText(profile.hash).waitFor();
    await rig.page.getByText('Pays for: Steps 50 %').waitFor();
    await rig.page.getByText('price of a place now').waitFor();
    expect(rig.argsOf('findRun')).toEqual([
      [{ networkName: 'my-network', endpoint: 'ws://127.0.0.1:9944' }, 38],
    ]);
    expect(rig.argsOf('join')).toEqual([]);
    await rig.shoot('join-found-light');
    await rig.page.setViewportSize({ width: 360, height: 740 });
    await rig.page.emulateMedia({ colorScheme: 'dark' });
    await rig.shoot('join-found-narrow-dark');
  });

  it('says why nothing is found, and finds nothing by what is no number', async () => {
    await openForm();
    await endpoint().fill('ws://127.0.0.1:9944');
    const find = rig.page.getByRole('button', { name: 'Find', exact: true });
    const number = rig.page.getByLabel('Find a run by its subnet');
    for (const text of ['', '0', '-1', '65536', '3x']) {
      await number.fill(text);
      expect(await find.isDisabled(), text).toBe(true);
    }
    rig.host.refuse('findRun', {
      code: 'PROFILE_HASH_WRONG',
      params: { store: 'hub:me/run', announced: 'abab' },
    });
    await number.fill('38');
    await number.press('Enter');
    await rig.page.getByText('is not the profile that is announced').waitFor();
    expect(await button().isDisabled()).toBe(true);
  });

  it('says why a file is no profile', async () => {
    await openForm();
    await openFile('{"consensus":{}}');
    await rig.page.getByText('The run profile is not valid').waitFor();
  });

  it('shows cost and balance before the button, and pays no more than stands on it', async () => {
    await openForm();
    expect(await button().isDisabled()).toBe(true);
    await fill();
    await rig.page.getByText('τ 0.5000', { exact: true }).waitFor();
    await rig.page.getByText('τ 12.407134210', { exact: true }).waitFor();
    await rig.page.getByLabel('Pay at most, τ').fill('0.75');
    await rig.page.getByRole('button', { name: 'Join: pay at most τ 0.7500 for a place' }).waitFor();
    await rig.shoot('join-light');
    rig.host.answer('join', me);
    await button().click();
    await expect.poll(() => rig.argsOf('join')).toHaveLength(1);
    expect(rig.argsOf('join')[0]).toEqual([
      {
        networkName: 'my-network',
        endpoint: 'ws://127.0.0.1:9944',
        profile: { kind: 'file', text },
        role: 'miner',
        keysFolder: null,
        registrationLimitRao: 750_000_000n,
        stakeRao: null,
      },
    ]);
    rig.host.show(training(Date.now()));
    await rig.page.getByText('Is it working?').waitFor();
    expect(new URL(rig.page.url()).hash).toBe(`#/home/${me}`);
  });

  it('opens with what a command line asked for, and waits for the button', async () => {
    rig.host.answer('testEndpoint', facts);
    rig.host.answer('quoteJoin', quote);
    await rig.open({
      ...idle(),
      asked: {
        networkName: 'lan',
        endpoint: 'ws://127.0.0.1:9944',
        profile: { kind: 'file', text },
        role: 'miner',
        keysFolder: '/keys/miner-1',
        atMs: 1,
        registrationLimitRao: rao(1_500_000_000n),
        stakeRao: null,
      },
    });
    await rig.page.getByRole('button', { name: 'Join: pay at most τ 1.5000 for a place' }).waitFor();
    expect(new URL(rig.page.url()).hash).toBe('#/join');
    expect(await endpoint().inputValue()).toBe('ws://127.0.0.1:9944');
    expect(await rig.page.getByLabel('Keys folder').inputValue()).toBe('/keys/miner-1');
    expect(await rig.page.getByLabel('Run profile').locator('option:checked').innerText()).toBe(
      'From the command line',
    );
    expect(rig.argsOf('quoteJoin').at(-1)).toMatchObject([
      { networkName: 'lan', keysFolder: '/keys/miner-1' },
    ]);
    expect(rig.argsOf('join')).toEqual([]);
    await rig.shoot('join-asked-light');
    // Who looked it over and changed it keeps that, and who goes elsewhere is not called back.
    await rig.page.getByLabel('Pay at most, τ').fill('1.2');
    await rig.page.evaluate(inPage.cutLine);
    await rig.page.getByRole('button', { name: 'Join: pay at most τ 1.2000 for a place' }).waitFor();
    await rig.page.getByRole('link', { name: 'Home' }).click();
    await rig.page.getByRole('button', { name: 'Practice' }).waitFor();
  });

  it('shows a file that was opened, wherever one stands, and joins nothing by it', async () => {
    await rig.open(idle());
    await rig.page.getByRole('link', { name: 'Settings' }).click();
    const opened = { atMs: 1, fileName: 'friend.butterfly-run', profile: { kind: 'file' as const, text } };
    rig.host.show({ ...idle(), opened });
    await expect.poll(() => new URL(rig.page.url()).hash).toBe('#/join');
    const chosen = rig.page.getByLabel('Run profile').locator('option:checked');
    await expect.poll(() => chosen.innerText()).toBe('friend.butterfly-run');
    await expect.poll(() => rig.argsOf('readProfile').at(-1)).toEqual([{ kind: 'file', text }]);
    expect(rig.argsOf('join')).toEqual([]);
    // Who goes elsewhere is not called back.
    await rig.page.getByRole('link', { name: 'Settings' }).click();
    await rig.page.evaluate(inPage.cutLine);
    await expect.poll(() => new URL(rig.page.url()).hash).toMatch(/^#\/settings/);
  });

  it('names a stake on the button too, and both amounts are the consent', async () => {
    await openForm();
    await fill();
    await rig.page.getByText('validator', { exact: true }).click();
    await rig.page.getByLabel('Stake to your hotkey, τ').fill('5');
    const both = 'Join: pay at most τ 1.0000 for a place, stake τ 5.0000';
    await rig.page.getByRole('button', { name: both }).click();
    await expect.poll(() => rig.argsOf('join')).toHaveLength(1);
    expect(rig.argsOf('join')[0]).toMatchObject([
      { role: 'validator', registrationLimitRao: 1_000_000_000n, stakeRao: 5_000_000_000n },
    ]);
  });

  it('tells at the stake what is wrong with the stake', async () => {
    await openForm();
    await fill();
    await rig.page.getByText('validator', { exact: true }).click();
    const stake = rig.page.getByLabel('Stake to your hotkey, τ');
    await stake.fill('much');
    await expect.poll(() => stake.getAttribute('aria-invalid')).toBe('true');
    expect(await rig.page.getByLabel('Pay at most, τ').getAttribute('aria-invalid')).toBe('false');
  });

  it.each([
    ['registered', { uid: 7, registrationCostRao: null }, 'Join: stake τ 5.0000'],
    ['that has no place', {}, 'Join: pay at most τ 1.0000 for a place, stake τ 5.0000'],
  ])('lets a validator %s come by its permit with a stake', async (_title, over, words) => {
    await openForm();
    const problem = { code: 'ROLE_WITHOUT_PERMIT', params: { netuid: 38 } } as const;
    rig.host.answer('quoteJoin', { ...quote, ...over, problem });
    await rig.page.getByText('validator', { exact: true }).click();
    await fill();
    await rig.page.getByText('This hotkey has no permit to validate on subnet 38.').waitFor();
    expect(await button().isDisabled()).toBe(true);
    await rig.shoot('join-permit-light');
    await rig.page.getByLabel('Stake to your hotkey, τ').fill('5');
    await rig.page.getByRole('button', { name: words }).click();
    await expect.poll(() => rig.argsOf('join')).toMatchObject([[{ stakeRao: 5_000_000_000n }]]);
  });

  it('says where the chain itself holds to no highest price', async () => {
    await openForm();
    rig.host.answer('quoteJoin', { ...quote, capsPrice: false });
    await fill();
    await rig.page.getByLabel('Order only up to, τ').waitFor();
    await rig.page.getByText('This chain takes no limit itself').waitFor();
    await rig.page
      .getByRole('button', { name: 'Join: order a place while it costs τ 1.0000 or less' })
      .waitFor();
    await rig.shoot('join-uncapped-light');
  });

  it.each([
    ['locked', 'The coldkey in that folder has a password'],
    ['absent', 'The coldkey is not on this computer'],
  ])(
    'says that nothing can be paid with a coldkey that is %s, and joins by a place that is there',
    async (coldkeyFile, words) => {
      await openForm();
      rig.host.answer('quoteJoin', {
        ...quote,
        uid: 7,
        registrationCostRao: null,
        maySpend: false,
        coldkeyFile,
      });
      await fill();
      await rig.page.getByText(words).waitFor();
      await rig.shoot(`join-coldkey-${coldkeyFile}-light`);
      expect(await rig.page.getByRole('button', { name: 'Join', exact: true }).isEnabled()).toBe(true);
    },
  );

  it('makes keys when it is asked to, and not by looking', async () => {
    await openForm();
    const notMade = { code: 'KEYS_NOT_MADE', params: { network: 'my-network' } } as const;
    rig.host.refuse('quoteJoin', notMade);
    await endpoint().fill('ws://127.0.0.1:9944');
    await openFile();
    const make = rig.page.getByRole('button', { name: 'Make keys here' });
    await make.waitFor();
    await rig.shoot('join-no-keys-light');
    expect(rig.argsOf('makeKeys')).toEqual([]);
    await make.click();
    await rig.page.getByText('price of a place now').waitFor();
    expect(rig.argsOf('makeKeys')).toEqual([
      [{ networkName: 'my-network', endpoint: 'ws://127.0.0.1:9944' }],
    ]);
  });

  it('pays nothing where there is a place already', async () => {
    await openForm();
    rig.host.answer('quoteJoin', { ...quote, uid: 7, registrationCostRao: null, maySpend: false });
    await fill();
    await rig.page.getByRole('button', { name: 'Join', exact: true }).click();
    await expect.poll(() => rig.argsOf('join')).toHaveLength(1);
    expect(rig.argsOf('join')[0]).toMatchObject([{ registrationLimitRao: null, stakeRao: null }]);
  });

  it('tells an address that is none without asking anybody', async () => {
    await openForm();
    await endpoint().fill('http://example.com');
    await rig.page.getByText('An endpoint begins with ws:// or wss://').waitFor();
    expect(await endpoint().getAttribute('aria-invalid')).toBe('true');
    expect(rig.argsOf('testEndpoint')).toEqual([]);
  });

  it.each([
    [
      'an endpoint that is no chain',
      () =>
        rig.host.refuse('testEndpoint', {
          code: 'ENDPOINT_NO_CHAIN',
          params: { endpoint: 'ws://127.0.0.1:9944' },
        }),
      'is no chain that Butterfly can read.',
      'Check address and port.',
    ],
    [
      'a subnet that is not there',
      () => rig.host.answer('testEndpoint', { ...facts, subnet: null }),
      'There is no subnet 38 on Butterfly devnet.',
      'Choose a subnet that is there',
    ],
    [
      'a subnet of another name',
      () => rig.host.answer('testEndpoint', { ...facts, subnet: { name: 'Other', ownerColdkey: null } }),
      'Subnet 38 is now “Other”, not “Butterfly practice”.',
      'Nothing was spent.',
    ],
    [
      'a profile whose hash differs from the run’s',
      () =>
        rig.host.answer('quoteJoin', {
          ...quote,
          problem: { code: 'PROFILE_HASH_FOREIGN', params: { found: 'aa', own: 'bb' } },
        }),
      'The members of this subnet run another profile',
      'Ask them for their profile file',
    ],
    [
      'a role without permit',
      () =>
        rig.host.answer('quoteJoin', {
          ...quote,
          problem: { code: 'ROLE_WITHOUT_PERMIT', params: { netuid: 38 } },
        }),
      'This hotkey has no permit to validate on subnet 38.',
      'Join as a miner',
    ],
    [
      'a hotkey that is live elsewhere',
      () =>
        rig.host.answer('quoteJoin', {
          ...quote,
          problem: { code: 'HOTKEY_LIVE_ELSEWHERE', params: { peer: '12D3' } },
        }),
      'This hotkey was started on another machine',
      'Or use another hotkey here.',
    ],
    [
      'a place that Butterfly buys on no such chain',
      () => rig.host.answer('quoteJoin', { ...quote, maySpend: false }),
      'This hotkey has no place on the subnet, and Butterfly buys none on this chain.',
      'Register it with your wallet first',
    ],
    [
      'more than the balance',
      () => rig.host.answer('quoteJoin', { ...quote, freeRao: rao(1n) }),
      'This needs τ 0.500000000, and the coldkey has τ 0.000000001.',
      'Send some to the coldkey',
    ],
    [
      'a price above the limit',
      () => rig.host.answer('quoteJoin', { ...quote, registrationCostRao: rao(1_500_000_000n) }),
      'A place costs τ 1.500000000 now, and your limit is τ 1.000000000.',
      'Raise the limit',
    ],
  ])(
    'refuses %s in a sentence with an action, and pays nothing',
    async (_title, prepare, sentence, action) => {
      await openForm();
      prepare();
      await endpoint().fill('ws://127.0.0.1:9944');
      await openFile();
      await rig.page.getByText(sentence).waitFor();
      await rig.page.getByText(action).first().waitFor();
      expect(await button().isDisabled()).toBe(true);
      expect(rig.argsOf('join')).toEqual([]);
    },
  );

  it('refuses another chain in place of the real one', async () => {
    await openForm();
    await rig.page.getByText('Real network').click();
    await openFile();
    await rig.page.getByText('This endpoint is “Butterfly devnet”, not finney.').waitFor();
    expect(await button().isDisabled()).toBe(true);
  });

  it('says why the host refused to join, and stays', async () => {
    await openForm();
    await fill();
    rig.host.refuse('join', { code: 'PORT_IN_USE', params: { port: 9_000 } });
    await button().click();
    await rig.page.getByText('Port 9000 is already in use.').waitFor();
    await rig.page.getByRole('heading', { name: 'Join a network' }).waitFor();
  });
});
