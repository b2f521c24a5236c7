import { describe, expect, it } from 'vitest';
import * as inPage from './in-page.ts';
import { executablePath, pageRig } from './rig.ts';
import { besideStopped, me, muchToTell, other, stoppedBefore, training, twoRuns } from './scenes.ts';

describe.skipIf(!executablePath)('a person can stop', () => {
  const rig = pageRig();

  async function choose(item: string): Promise<void> {
    await rig.page.getByRole('button', { name: 'More: stop, start over, quit' }).click();
    await rig.page.getByRole('menuitem', { name: item }).click();
  }

  it('after the round under way, and think better of it', async () => {
    await rig.open(training(Date.now()));
    await choose('Stop after this round');
    await expect.poll(() => rig.argsOf('stopRun')).toEqual([[me, 'after-round']]);
    rig.host.showMine({ stopsAfterRound: 41 });
    await rig.page.getByText('Stops after round 41.').waitFor();
    await rig.page.getByRole('button', { name: 'Keep running' }).click();
    await expect.poll(() => rig.argsOf('keepRunning')).toEqual([[me]]);
  });

  it('at once', async () => {
    await rig.open(training(Date.now()));
    await choose('Stop now');
    await expect.poll(() => rig.argsOf('stopRun')).toEqual([[me, 'now']]);
    rig.host.show({ ...stoppedBefore(Date.now()), runs: { [me]: null } });
    await rig.page.getByRole('button', { name: 'Start', exact: true }).click();
    await expect.poll(() => rig.argsOf('startRun')).toEqual([[me]]);
  });

  it('and start another run, or a practice, beside one that works', async () => {
    await rig.open(besideStopped(Date.now()));
    await rig.page.getByRole('button', { name: 'show what can be started' }).click();
    await rig.shoot('others-light');
    const row = rig.page.getByRole('listitem').filter({ hasText: 'gpt2-124m on lan, stopped 1 h ago' });
    await row.getByRole('button', { name: 'Start', exact: true }).click();
    await expect.poll(() => rig.argsOf('startRun')).toEqual([[other]]);
    await rig.page.getByRole('button', { name: 'Practice', exact: true }).click();
    await expect.poll(() => rig.argsOf('startPractice')).toHaveLength(1);
  });

  it('and is not offered what there is', async () => {
    await rig.open(training(Date.now()));
    await rig.page.getByText('Is it working?').waitFor();
    expect(await rig.page.getByRole('button', { name: 'show what can be started' }).count()).toBe(0);
  });

  it('and forget a run, told first where its files stay', async () => {
    const view = besideStopped(Date.now());
    await rig.open({ ...view, runs: {} });
    await rig.page.getByRole('button', { name: 'Forget…' }).first().click();
    const dialog = rig.page.getByRole('dialog', { name: 'Forget gpt2-124m?' });
    await dialog.getByText('/home/you/.local/share/butterfly/runs').waitFor();
    expect(await rig.page.evaluate(inPage.dialogOverflow)).toBeLessThanOrEqual(0);
    await rig.shoot('forget-light');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(rig.argsOf('forgetRun')).toEqual([]);
    await rig.page.getByRole('button', { name: 'Forget…' }).first().click();
    await dialog.getByRole('button', { name: 'Forget', exact: true }).click();
    await expect.poll(() => rig.argsOf('forgetRun')).toEqual([[other]]);
  });

  it('and start over, told first that the old folder is kept, and then where', async () => {
    await rig.open(training(Date.now()));
    await choose('Start over…');
    const dialog = rig.page.getByRole('dialog', { name: 'Start this practice over?' });
    await dialog.getByText('The old folder is kept').waitFor();
    expect(await rig.page.evaluate(inPage.dialogOverflow)).toBeLessThanOrEqual(0);
    await rig.shoot('start-over-light');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => rig.page.getByRole('dialog').count()).toBe(0);
    expect(rig.argsOf('startOver')).toEqual([]);
    await choose('Start over…');
    rig.host.answer('startOver', { keptAt: '/home/you/practice.kept-1' });
    await dialog.getByRole('button', { name: 'Start over' }).click();
    await rig.page.getByText('The old one lies in /home/you/practice.kept-1.').waitFor();
  });

  it('and quit, which is no fault of the connection', async () => {
    await rig.open(training(Date.now()));
    rig.host.answer('quit', new Promise(() => {}));
    await choose('Quit Butterfly…');
    await rig.page
      .getByRole('dialog', { name: 'Quit Butterfly?' })
      .getByRole('button', { name: 'Quit' })
      .click();
    await expect.poll(() => rig.argsOf('quit')).toHaveLength(1);
    await rig.host.stop();
    await rig.page.getByText('You quit Butterfly').waitFor();
    // The answer to the quit itself went with the host, which is no failure.
    expect(await rig.page.getByText('failed in a way it does not know').count()).toBe(0);
    expect(await rig.page.title()).toBe('Stopped · Butterfly');
    await rig.startHostAgain();
    // Until here it asks whether the host is back.
    await rig.page.goto('about:blank');
    rig.forgive();
  });

  it('and starts over from the damage that only that ends, asked first', async () => {
    const error = { code: 'DEVNET_BLOCKS_LOST', params: { path: '/p', fromBlock: 7, toBlock: 9 } } as const;
    const notices = [{ id: '1', level: 'fault', error, atMs: Date.now(), run: me }] as const;
    await rig.open({ ...training(Date.now()), notices });
    await rig.page.getByRole('list', { name: 'Notices' }).getByRole('button', { name: 'Start over' }).click();
    const dialog = rig.page.getByRole('dialog', { name: 'Start this practice over?' });
    await dialog.getByText('The old folder is kept').waitFor();
    expect(rig.argsOf('startOver')).toEqual([]);
    rig.host.answer('startOver', { keptAt: '/kept' });
    await dialog.getByRole('button', { name: 'Start over' }).click();
    await expect.poll(() => rig.argsOf('startOver')).toEqual([[me]]);
  });

  it('only what this host has a hand on', async () => {
    const view = training(Date.now());
    const run = view.runs[me];
    if (!run) throw new Error('the scene has a run');
    await rig.open({ ...view, runs: { [me]: { ...run, facts: { ...run.facts, controls: [] } } } });
    await rig.page.getByRole('button', { name: 'More: stop, start over, quit' }).click();
    await expect.poll(() => rig.page.getByRole('menuitem').allTextContents()).toEqual(['Quit Butterfly…']);
    expect(await rig.page.getByRole('button', { name: 'Pause' }).count()).toBe(0);
  });
});

describe.skipIf(!executablePath)('what is told at the head of the page', () => {
  const rig = pageRig();

  it('is the wrong clock, the damage, where a run goes on, and what happened meanwhile', async () => {
    await rig.open(muchToTell(Date.now()));
    await rig.page.getByText('The clock of this computer is 2 h behind the chain’s.').waitFor();
    await rig.page.getByText('The disk that holds /home/you is full.').first().waitFor();
    await rig.page.getByText('practice continues at round 17.').waitFor();
    await rig.page
      .getByText(/While you were away, for 9 h 59 min since \d\d:\d\d: 41 rounds committed, 2 void/)
      .waitFor();
    await rig.shoot('much-to-tell-light');
  });

  it('goes when it is closed or no longer so', async () => {
    await rig.open(muchToTell(Date.now()));
    const line = (text: string) => rig.page.getByRole('listitem').filter({ hasText: text });
    await line('While you were away').getByRole('button', { name: 'Dismiss' }).click();
    await expect.poll(() => rig.argsOf('dismissAway')).toHaveLength(1);
    await line('continues at round 17').getByRole('button', { name: 'Dismiss' }).click();
    await expect.poll(() => line('continues at round 17').count()).toBe(0);
    expect(await line('The clock of this computer').getByRole('button', { name: 'Dismiss' }).count()).toBe(0);
    rig.host.show({ clock: null });
    await expect.poll(() => line('The clock of this computer').count()).toBe(0);
  });
});

describe.skipIf(!executablePath)('two runs under one host', () => {
  const rig = pageRig();

  it('are named by what is told of them, and a fault of one leaves the other safe', async () => {
    const error = { code: 'DISK_FULL', params: { path: '/home/you' } } as const;
    const notices = [{ id: '1', level: 'fault', error, atMs: Date.now(), run: other }] as const;
    await rig.open({ ...twoRuns(Date.now()), notices, stopped: besideStopped(Date.now()).stopped.slice(1) });
    const line = rig.page.getByRole('list', { name: 'Notices' }).getByRole('listitem');
    await line.getByText('lan · validator 5FLS…S59Y:').waitFor();
    await rig.page.getByText('Yes, 9 min immune').waitFor();
    await rig.shoot('two-runs-notice-light');
    await rig.page.getByRole('link', { name: /lan · validator/ }).click();
    await rig.page.getByText('Look at this').waitFor();
  });

  it('are shown each with its own state, by an address of its own', async () => {
    await rig.open(twoRuns(Date.now()));
    const runs = rig.page.getByRole('navigation', { name: 'Runs' });
    await runs.getByRole('link', { name: /lan · validator/ }).click();
    await rig.page.getByText('Waiting for peers', { exact: true }).first().waitFor();
    expect(new URL(rig.page.url()).hash).toBe(`#/home/${other}`);
    await rig.shoot('two-runs-light');
    await rig.page.getByRole('button', { name: 'Pause' }).click();
    await rig.page.getByRole('menuitem', { name: '15 minutes' }).click();
    await expect.poll(() => rig.argsOf('pauseRun')).toEqual([[other, 15]]);
    await rig.page.reload();
    await rig.page.getByText('Waiting for peers', { exact: true }).first().waitFor();
    rig.host.show({ runs: { [other]: null } });
    await rig.page.getByText('Training', { exact: true }).first().waitFor();
  });
});
