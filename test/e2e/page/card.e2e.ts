import { describe, expect, it } from 'vitest';
import { accessibilityFaults } from './axe.ts';
import { found, geforce, onCard, onCardPaused, onProcessor } from './card-scenes.ts';
import * as inPage from './in-page.ts';
import { desktop, executablePath, pageRig } from './rig.ts';
import { idle } from './scenes.ts';

const now = Date.now();

describe.skipIf(!executablePath)('the page of cards', () => {
  const rig = pageRig();
  const main = () => rig.page.locator('main');
  const card = (title: string | RegExp) => main().getByRole('region', { name: title });
  const row = (name: string) => card('Cards found').getByRole('listitem').filter({ hasText: name });

  it('says what the card does now, where its memory goes, and which cards there are', async () => {
    await rig.open(onCard(now), { screen: 'card', viewport: { width: 1280, height: 900 } });
    await card('Now').getByText('14.9 k').waitFor();
    const said = await card('Now').innerText();
    for (const figure of [
      '71 °C',
      '148 W',
      '2.8 Wh',
      '9.1 GiB of 12.0 GiB',
      '98 %',
      '62 %',
      'step 318 of 500',
    ])
      expect(said).toContain(figure);
    const memory = await card('Where its 12.0 GiB go').innerText();
    for (const figure of [
      '2.5 GiB',
      '1.6 GiB',
      '3.7 GiB',
      '310 MiB',
      '3.9 GiB',
      '8 sequences of 1,024, 4 at a time',
      'Memory of the computer beside it',
      'were free at its start',
    ])
      expect(memory).toContain(figure);
    expect(await row('GeForce').innerText()).toContain('in use');
    expect(await row('llvmpipe').innerText()).toContain('processor playing a graphics card');
    expect(rig.argsOf('lookForCards')).toEqual([['once']]);
    await rig.shoot('card-dark-or-light');
    await rig.inBothThemes(async (theme) => {
      expect(await accessibilityFaults(rig.page)).toEqual([]);
      await rig.shoot(`card-${theme}`);
    });
  });

  it('says what the card would do, against what it did before and what peers do', async () => {
    await rig.open(onCard(now), { screen: 'card' });
    const would = await card('What would it do?').innerText();
    for (const figure of [
      '31.4 k',
      '14.9 k',
      'before: 13.0 k',
      '500 of 500',
      '148 W',
      'needs 20412 MiB',
      '610',
    ])
      expect(would).toContain(figure);
    await card('What would it do?').getByText('better than 100 %').waitFor();
    for (const said of ['is not known beforehand', 'kept 2.2 GiB of this device', 'is a full round'])
      expect(would).toContain(said);
    await card('What would it do?').getByText('Where the memory would go').click();
    await card('What would it do?').getByText('5.4 GiB, 4 sequences at a time').waitFor();
    await card('What would it do?').getByText('activations 2.8 GiB').waitFor();
    await rig.shoot('card-plans');
    // Every column is seen on a narrow screen.
    await rig.page.setViewportSize({ width: 480, height: 900 });
    const hidden = await card('What would it do?')
      .getByRole('table')
      .evaluate((table) => table.scrollWidth - table.parentElement!.clientWidth);
    expect(hidden).toBeLessThanOrEqual(0);
    await rig.shoot('card-480');
    await card('What would it do?').getByRole('button', { name: 'again' }).click();
    await expect.poll(() => rig.argsOf('startBenchmark')).toEqual([[geforce.key]]);
    const running = { startedAtMs: now, profile: 'gpt2-124m', done: 1, of: 4, resting: 1 };
    rig.host.show({ benchmark: { running, results: [], problem: null } });
    await main().getByText('Measuring gpt2-124m, 2 of 4').waitFor();
    await main().getByText('1 run rests meanwhile.').waitFor();
    await rig.shoot('card-measuring');
    await main().getByRole('button', { name: 'Stop measuring' }).click();
    await expect.poll(() => rig.argsOf('cancelBenchmark')).toEqual([[]]);
    rig.host.show({
      benchmark: { running: null, results: [], problem: { code: 'BENCHMARK_DISTURBED', params: {} } },
    });
    await main().getByText('Training went on while the benchmark ran').waitFor();
    await main()
      .getByRole('button', { name: `Measure ${geforce.name}` })
      .click();
    await main().getByRole('button', { name: 'Measure the processor' }).waitFor();
    await expect.poll(() => rig.argsOf('startBenchmark')).toHaveLength(2);
  });

  it('shows no figure of a time in which nothing was measured', async () => {
    await rig.open(onCardPaused(now), { screen: 'card' });
    await card('Now').getByText('Computes').waitFor();
    const said = await card('Now').innerText();
    for (const gone of ['14.9', '71 °C', '148 W', 'Wh']) expect(said).not.toContain(gone);
    await card('Now')
      .getByText('Sensors are not read while nothing works')
      .first()
      .waitFor({ state: 'attached' });
  });

  it('of a run on the processor tells what the processor draws, and that another engine was chosen', async () => {
    await rig.open(onProcessor(now), { screen: 'card' });
    await card('Now').getByText('42 W').waitFor();
    await card('Now').getByText('9.0 Wh').waitFor();
    await card('Now').getByText('reads no temperature').waitFor({ state: 'attached' });
    expect(await row('always works').innerText()).toContain('in use');
    expect(await row('GeForce').innerText()).toContain('chosen');
    await main().getByText('processor, 2 threads, wide vectors computes now.').waitFor();
    await rig.shoot('card-on-processor');
  });

  it('without a run says so, and where to start one', async () => {
    await rig.open(idle(), { screen: 'card' });
    await main().getByText('Nothing trains on this computer.').waitFor();
    await main().getByText('looking…').waitFor();
    rig.host.show({ cards: { isLooking: false, cards: [], problem: null } });
    await main().getByText('No driver of this computer offers a graphics card.').waitFor();
    await rig.shoot('card-none');
  });

  it('takes a card, the processor, and how hard it may work', async () => {
    await rig.open(onCard(now), { screen: 'card' });
    await row('UHD').getByRole('button', { name: /^use/ }).click();
    await expect
      .poll(() => rig.argsOf('setSetting'))
      .toEqual([
        ['training.device', found[1]!.key],
        ['training.engine', 'gpu'],
      ]);
    await row('always works').getByRole('button', { name: /^use/ }).click();
    await expect.poll(() => rig.argsOf('setSetting').at(-1)).toEqual(['training.engine', 'cpu']);
    const slider = main().getByLabel('How hard it may work');
    expect(await slider.inputValue()).toBe('80');
    await slider.press('ArrowLeft');
    await expect.poll(() => rig.argsOf('setSetting').at(-1)).toEqual(['training.share', 75]);
    for (let press = 0; press < 8; press++) await slider.press('ArrowLeft');
    await expect.poll(() => rig.argsOf('setSetting').at(-1)).toEqual(['training.share', 35]);
    // Until the host shows what it took, and from then on what it shows.
    expect(await slider.inputValue()).toBe('35');
    const show = (share: number) =>
      rig.host.show({ settings: { ...onCard(now).settings, 'training.share': share } });
    show(35);
    show(60);
    await expect.poll(() => slider.inputValue()).toBe('60');
    rig.host.refuse('setSetting', { code: 'DISK_FULL', params: { path: '/home/you' } });
    await slider.press('ArrowRight');
    await main().getByText('The disk that holds /home/you is full.').waitFor();
    await expect.poll(() => slider.inputValue()).toBe('60');
    await main().getByRole('button', { name: 'look again' }).click();
    await expect.poll(() => rig.argsOf('lookForCards').at(-1)).toEqual(['again']);
  });

  it('tells why a choice was refused, and which chosen card is gone', async () => {
    const view = onCard(now);
    await rig.open(
      { ...view, cards: { isLooking: false, cards: found.slice(1), problem: null } },
      { screen: 'card' },
    );
    await main().getByText(`${geforce.name} was chosen and is not there.`).waitFor();
    rig.host.refuse('setSetting', { code: 'DISK_FULL', params: { path: '/home/you' } });
    await row('UHD').getByRole('button', { name: /^use/ }).click();
    await main().getByText('The disk that holds /home/you is full.').waitFor();
  });

  it('adds TensorFlow, tells how far it is, and lets it be used', async () => {
    await rig.open(onCard(now), { screen: 'card' });
    await row('TensorFlow').getByRole('button', { name: 'add' }).click();
    await expect.poll(() => rig.argsOf('addEngine')).toEqual([['tensorflow']]);
    rig.host.show({
      engines: [
        {
          id: 'tensorflow',
          state: { kind: 'adding', stage: 'library-download', share: 0.42 },
          problem: null,
        },
      ],
    });
    await row('TensorFlow').getByText('downloading the library · 42 %').waitFor();
    await row('TensorFlow').getByRole('button', { name: 'cancel' }).click();
    await expect.poll(() => rig.argsOf('cancelEngine')).toEqual([['tensorflow']]);
    rig.host.show({
      engines: [
        {
          id: 'tensorflow',
          state: { kind: 'there', description: 'TensorFlow 2.15.1', bytes: 1.9e9 },
          problem: null,
        },
      ],
    });
    await row('TensorFlow').getByRole('button', { name: /^use/ }).click();
    await expect.poll(() => rig.argsOf('setSetting')).toEqual([['training.engine', 'tensorflow']]);
  });

  it('fits every window', async () => {
    await rig.open(onCard(now), { screen: 'card' });
    await card('Now').getByText('14.9 k').waitFor();
    for (const size of [
      { width: 320, height: 640 },
      { width: 480, height: 900 },
      { width: 900, height: 700 },
      desktop,
    ]) {
      await rig.page.setViewportSize(size);
      await rig.page.evaluate(inPage.scrollToEnd);
      const seen = (await rig.page.evaluate(inPage.measured)) as inPage.Measured;
      expect({ size, ...seen }).toEqual({ size, ...inPage.fitting });
      if (size.width === 480) await rig.shoot('card-480');
    }
  });
});
