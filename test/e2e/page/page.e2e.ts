import { describe, expect, it } from 'vitest';
import { alphaRao, rao } from '../../../src-shared/units.ts';
import * as inPage from './in-page.ts';
import { desktop, executablePath, pageRig, phone } from './rig.ts';
import { changed, early, idle, largeGroup, me, mineOf, reducing, settingUp, training } from './scenes.ts';

describe.skipIf(!executablePath)('the page in a real browser', () => {
  const rig = pageRig();
  const open = (view = idle(), viewport = desktop, colorScheme: 'light' | 'dark' = 'light') =>
    rig.open(view, { viewport, colorScheme });
  const shoot = (name: string) => rig.shoot(name);

  it('welcomes', async () => {
    await open();
    await expect.poll(() => rig.page.getByRole('button', { name: 'Practice' }).isEnabled()).toBe(true);
    await rig.inBothThemes((theme) => shoot(`welcome-${theme}`));
  });

  it('shows each step of the start', async () => {
    await open(settingUp(Date.now()));
    await rig.page.getByText('2 of 3 miners are ready').waitFor();
    await rig.inBothThemes((theme) => shoot(`setup-${theme}`));
  });

  it('answers the four questions', async () => {
    await open(training(Date.now()));
    await rig.page.getByText('1,284 tokens/s · round 41, step 19').waitFor();
    await rig.inBothThemes((theme) => shoot(`dashboard-${theme}`));
    await rig.page.setViewportSize({ width: 1280, height: 1240 });
    await rig.inBothThemes((theme) => shoot(`dashboard-${theme}-whole`));
  });

  it('draws the butterfly while bytes move', async () => {
    const view = training(Date.now());
    const { round } = mineOf(view);
    await open(view);
    rig.host.showMine({
      worker: { kind: 'averaging' },
      round: round && {
        ...round,
        phase: 'reducing',
        blockInRound: 14,
        outcomeBlock: 4_815,
        members: 4,
        edges: reducing(),
      },
    });
    await rig.page.getByText('1 peer left out').waitFor();
    await rig.inBothThemes((theme) => shoot(`averaging-${theme}`));
  });

  it('fits 480 px', async () => {
    await open(training(Date.now()), phone);
    await rig.page.getByText('Is it working?').waitFor();
    await rig.inBothThemes((theme) => shoot(`dashboard-${theme}-480`));
    const overflow = await rig.page.evaluate(inPage.sidewaysOverflow);
    expect(overflow).toBeLessThanOrEqual(0);
    await rig.page.setViewportSize({ width: 480, height: 2400 });
    await rig.inBothThemes((theme) => shoot(`dashboard-${theme}-480-whole`));
  });

  it('draws a group of the real size', async () => {
    const view = training(Date.now());
    await open(view, desktop, 'dark');
    const { round } = mineOf(view);
    rig.host.showMine({ round: round && { ...round, phase: 'reducing', edges: largeGroup() } });
    await rig.page.getByText('with 22 peers').waitFor();
    await shoot('large-group-dark');
  });

  it('starts the dashboard while setup still runs, with nothing known shown as zero', async () => {
    const now = Date.now();
    const { chain, training: trained, wallet } = mineOf(training(now));
    await open(
      changed(settingUp(now), {
        worker: { kind: 'waiting', for: 'peers' },
        chain,
        training: trained && { ...trained, loss: null, lossAverage: null, tokensPerSecond: null },
        wallet: wallet && { ...wallet, stakeAlpha: null, stakeValueRao: null, uid: null },
      }),
      desktop,
      'light',
    );
    await rig.page.getByRole('region', { name: 'Getting ready' }).waitFor();
    await shoot('dashboard-starting-light');
    await rig.page.setViewportSize({ width: 1280, height: 1400 });
    await shoot('dashboard-starting-light-whole');
  });

  it('shows a run of a minute and a half', async () => {
    await open(early(Date.now()), desktop, 'dark');
    await rig.page.getByText('Round 3, the last average').waitFor();
    await shoot('early-dark');
  });

  it('narrows to 900 px', async () => {
    await open(training(Date.now()), { width: 899, height: 1200 }, 'dark');
    await rig.page.getByText('Is it working?').waitFor();
    await shoot('dashboard-dark-899');
  });

  it('asks the host to practise when Practice is pressed', async () => {
    await open();
    await rig.page.getByRole('button', { name: 'Practice' }).click();
    await expect.poll(() => rig.host.asked.map(({ call }) => call)).toContain('startPractice');
  });

  it('takes the token out of the address at once', async () => {
    await open();
    expect(new URL(rig.page.url()).hash).toBe('');
  });

  it('survives a reload by its session key', async () => {
    await open(training(Date.now()));
    await rig.page.reload();
    await rig.page.getByText('Is it working?').waitFor();
  });

  it('pauses for the chosen time by keyboard alone', async () => {
    await open(training(Date.now()));
    await rig.page.getByRole('button', { name: 'Pause' }).focus();
    await rig.page.keyboard.press('Enter');
    await rig.page.getByRole('menu').waitFor();
    await shoot('pause-menu-light');
    await rig.page.keyboard.press('ArrowDown');
    await rig.page.keyboard.press('Enter');
    await expect.poll(() => rig.host.asked).toContainEqual({ call: 'pauseRun', args: [me, 60] });
  });

  it('says until when it is paused and resumes on request', async () => {
    await open(training(Date.now()), desktop, 'dark');
    rig.host.showMine({ worker: { kind: 'paused', reason: 'user', untilMs: Date.now() + 15 * 60_000 } });
    await rig.page.getByText('You paused it.').waitFor();
    await shoot('paused-dark');
    await rig.page.getByRole('button', { name: 'Resume' }).click();
    await expect.poll(() => rig.host.asked.map(({ call }) => call)).toContain('resumeRun');
  });

  it('shows why the host refused', async () => {
    await open(training(Date.now()));
    rig.host.refuse('pauseRun', { code: 'NOT_NOW', params: { what: 'Pausing', state: 'preparing' } });
    await rig.page.getByRole('button', { name: 'Pause' }).click();
    await rig.page.getByRole('menuitem', { name: '15 minutes' }).click();
    await rig.page.getByText('Pausing is not possible while the state is preparing.').waitFor();
  });

  it('shows a notice with its action and lets it be dismissed', async () => {
    const gaveUp = {
      code: 'CHILD_GAVE_UP',
      params: { child: 'train', failures: 5, why: 'It is gone.' },
    } as const;
    const view = training(Date.now());
    await open(
      {
        ...changed(view, { worker: { kind: 'failed', error: gaveUp } }),
        notices: [
          {
            id: 'a',
            level: 'fault',
            error: gaveUp,
            atMs: Date.now(),
            run: me,
          },
          {
            id: 'b',
            level: 'attention',
            error: { code: 'FINALITY_STALLED', params: { seconds: 40 } },
            atMs: Date.now(),
            run: null,
          },
        ],
      },
      desktop,
      'light',
    );
    await rig.page.getByRole('list', { name: 'Notices' }).getByText('failed 5 times').waitFor();
    await shoot('notice-light');
    await rig.page.getByRole('button', { name: 'Dismiss' }).first().click();
    await expect.poll(() => rig.host.asked).toContainEqual({ call: 'dismissNotice', args: ['a'] });
  });

  it('opens the evidence behind the scores', async () => {
    await open(training(Date.now()), desktop, 'light');
    await rig.page.getByRole('button', { name: 'why?' }).click();
    await rig.page
      .getByRole('dialog')
      .getByText('10 micro-batches recomputed; they agree by 0.98.')
      .waitFor();
    await shoot('evidence-light');
    await rig.page.keyboard.press('Escape');
    await expect.poll(() => rig.page.getByRole('dialog').count()).toBe(0);
  });

  it('shows the picture as a table', async () => {
    await open(training(Date.now()), desktop, 'dark');
    await rig.page.getByRole('button', { name: 'show as table' }).first().click();
    await rig.page.getByRole('table', { name: 'Traffic of this member in the all-reduce' }).waitFor();
    await shoot('table-dark');
  });

  it('moves nothing on the page when its numbers change', async () => {
    const view = training(Date.now());
    await open(view);
    await rig.page.getByText('Is it working?').waitFor();
    await rig.page.evaluate(inPage.settled);
    await rig.page.evaluate(inPage.watchStillness);
    const { training: trained, wallet, earnings, swarm } = mineOf(view);
    rig.host.showMine({
      training: trained && { ...trained, tokensPerSecond: 9_876, innerStep: 111, step: 9_000 },
      wallet: wallet && { ...wallet, freeRao: rao(999_999_999_999n) },
      earnings: earnings && { ...earnings, todayAlpha: alphaRao(123_456_789_012n) },
      swarm: swarm && { ...swarm, upBytesPerS: 111_111 },
    });
    await rig.page.getByText('9,876 tokens/s').waitFor();
    await rig.page.evaluate(inPage.settled);
    expect(await rig.page.evaluate(inPage.layoutShift)).toBeLessThan(0.001);
  });

  it('tells what it is on request, by key', async () => {
    await open(training(Date.now()), desktop, 'dark');
    await rig.page.keyboard.press('?');
    await rig.page.getByRole('dialog', { name: 'About Butterfly' }).waitFor();
    await shoot('about-dark');
  });

  it('changes the theme by hand and remembers it', async () => {
    await open(training(Date.now()));
    const theme = rig.page.getByRole('button', { name: /^Theme/ });
    await theme.click();
    await theme.click();
    await rig.page.reload();
    await rig.page.getByText('Is it working?').waitFor();
    expect(await rig.page.evaluate(inPage.chosenTheme)).toBe('dark');
  });

  it('says that Butterfly is gone, keeps what it showed, and comes back by itself', async () => {
    await open(training(Date.now()), desktop, 'light');
    await rig.page.getByText('Is it working?').waitFor();
    await rig.host.stop();
    await rig.page.getByText('Butterfly is not running').waitFor();
    await shoot('disconnected-light');
    await rig.startHostAgain(changed(training(Date.now()), { worker: { kind: 'averaging' } }));
    await rig.page.getByText('Butterfly is not running').waitFor({ state: 'hidden' });
    await rig.page.getByText('Averaging').first().waitFor();
    expect(await rig.page.getByText('This page is not signed in').count()).toBe(0);
    rig.forgive();
  });

  it('says what to do when it was opened without a token', async () => {
    await open();
    await rig.page.evaluate(inPage.forgetSession);
    await rig.page.reload();
    await rig.page.getByText('This page is not signed in').waitFor();
    await shoot('refused-light');
  });

  it('moves nothing with reduced motion', async () => {
    await open(training(Date.now()));
    await rig.page.emulateMedia({ reducedMotion: 'reduce', forcedColors: 'active' });
    await rig.page.getByText('Is it working?').waitFor();
    await shoot('forced-colors');
    const seconds = await rig.page.evaluate(inPage.railTransition);
    expect(seconds).toMatch(/^0s(, 0s)*$/);
  });
});
