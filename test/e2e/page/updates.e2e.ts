import { describe, expect, it } from 'vitest';
import { accessibilityFaults } from './axe.ts';
import * as inPage from './in-page.ts';
import { executablePath, pageRig } from './rig.ts';
import { idle } from './scenes.ts';
import { movedAway, release, updatesOf, withUpdate } from './update-scenes.ts';

const available = withUpdate({ kind: 'available', release });

describe.skipIf(!executablePath)('updates, moving and beginning anew', () => {
  const rig = pageRig();
  const settings = { screen: 'settings' };
  const button = (name: string) => rig.page.getByRole('button', { name, exact: true });
  const calls = () => rig.host.asked.map(({ call }) => call);

  it('are off without a key of the makers, and the page says so', async () => {
    await rig.open(idle(), settings);
    await rig.page.getByText('Updates are off: this copy has no key').waitFor();
    expect(await button('Look for updates').count()).toBe(0);
  });

  it('show what is offered, and ask for what the person decides', async () => {
    await rig.open(available, settings);
    await rig.page.getByText('Version 0.2.0 is there.').waitFor();
    await rig.page.getByText('Rounds begin sooner on slow lines.').waitFor();
    for (const name of ['Download', 'Tonight', 'In a week', 'Skip this version']) await button(name).click();
    await expect.poll(() => rig.argsOf('putOffUpdate')).toEqual([['tonight'], ['week']]);
    expect(calls()).toEqual(expect.arrayContaining(['downloadUpdate', 'skipUpdate']));
    await rig.shoot('updates-light');
  });

  it('tell how far a download is, and install on request, after the round', async () => {
    await rig.open(available, settings);
    rig.host.show({ updates: updatesOf({ kind: 'downloading', release, bytes: 90_000_000 }) });
    await rig.page.getByText(/is being downloaded/).waitFor();
    rig.host.show({ updates: updatesOf({ kind: 'ready', release }) });
    await button('Install').click();
    await expect.poll(() => rig.argsOf('installUpdate')).toEqual([[]]);
    rig.host.show({ updates: updatesOf({ kind: 'installing', release, waitsFor: 'round' }) });
    await rig.page.getByText('is installed when the round under way has settled').waitFor();
    await button('Not now').click();
    await expect.poll(() => rig.argsOf('cancelUpdate')).toEqual([[]]);
  });

  it('tell why one did not come', async () => {
    const error = {
      code: 'UPDATE_FILE_WRONG',
      params: { version: '0.2.0', why: 'another checksum' },
    } as const;
    await rig.open(withUpdate({ kind: 'failed', release, error }), settings);
    await rig.page.getByText('is not what its makers signed').waitFor();
    await button('Try again').click();
    await expect.poll(() => rig.argsOf('downloadUpdate')).toEqual([[]]);
  });

  it('point a package to its package', async () => {
    const state = { kind: 'available', release: { ...release, bytes: null } } as const;
    await rig.open(withUpdate(state, { way: 'package' }), settings);
    await rig.page.getByText('fetch the new package from the project page').waitFor();
    expect(await button('Download').count()).toBe(0);
  });

  it('begin a move in the signing window, of a file that is named in a browser', async () => {
    await rig.open(idle(), settings);
    await rig.page.getByLabel('File, on the computer where Butterfly runs').fill('/media/stick/a.move');
    rig.host.refuse('startMove', { code: 'MOVE_FILE_THERE', params: { path: '/media/stick/a.move' } });
    await button('Move from here …').click();
    await rig.page.getByText('There is a file /media/stick/a.move already.').waitFor();
    await button('Bring in a file …').click();
    await expect
      .poll(() => rig.argsOf('startMove'))
      .toEqual([
        [{ kind: 'out', file: '/media/stick/a.move', withColdkeys: false }],
        [{ kind: 'in', file: '/media/stick/a.move' }],
      ]);
    rig.host.show({ signing: { id: 'a move', kind: 'move' } });
    await rig.page.getByText('waits for its password').waitFor();
    expect(await button('Move from here …').count()).toBe(0);
    await button('Show the signing window').waitFor();
  });

  it('begin a move in the app with a file that the system’s window chose, or none', async () => {
    await rig.open({ ...idle(), app: { ...idle().app, shell: 'electron' } }, settings);
    rig.host.answer('chooseMoveFile', { kind: 'none' });
    await button('Bring in a file …').click();
    await expect.poll(() => rig.argsOf('chooseMoveFile')).toEqual([['in', expect.any(String)]]);
    rig.host.answer('chooseMoveFile', { kind: 'chosen', path: '/home/me/a.move' });
    await rig.page.getByLabel('Take the coldkeys of those wallets along').check();
    await button('Move from here …').click();
    await expect
      .poll(() => rig.argsOf('startMove'))
      .toEqual([[{ kind: 'out', file: '/home/me/a.move', withColdkeys: true }]]);
  });

  it('tell which hotkeys are away, and take them back by typed words alone', async () => {
    await rig.open(movedAway(), settings);
    await rig.page.getByText(/One hotkey was moved away on/).waitFor();
    expect(await button('Take back').isDisabled()).toBe(true);
    await rig.page.getByLabel('Type “take back” to work with them here again').fill('take back');
    await button('Take back').click();
    await expect.poll(() => rig.argsOf('takeBackMoved')).toEqual([['take back']]);
    await rig.page.getByRole('heading', { name: 'Move to another computer' }).scrollIntoViewIfNeeded();
    await rig.shoot('moving-away-light');
    await rig.page.emulateMedia({ colorScheme: 'dark' });
    await rig.page.setViewportSize({ width: 360, height: 900 });
    await rig.page.getByRole('heading', { name: 'Move to another computer' }).scrollIntoViewIfNeeded();
    await rig.shoot('moving-away-narrow-dark');
  });

  it('begin anew once the word is typed', async () => {
    await rig.open(idle(), settings);
    expect(await button('End and begin anew').isDisabled()).toBe(true);
    await rig.page.getByLabel('Type “reset” to begin anew').fill('reset');
    await button('End and begin anew').click();
    await expect.poll(() => rig.argsOf('reset')).toEqual([['reset']]);
    await rig.page.getByText('Its next start begins anew.').waitFor();
  });

  it.each([
    ['offered', available],
    ['away', movedAway()],
    ['off', idle()],
  ])('fit and are clean: %s', async (_name, view) => {
    await rig.open(view, settings);
    await rig.inBothThemes(async () => expect(await accessibilityFaults(rig.page)).toEqual([]));
    for (const size of [
      { width: 480, height: 900 },
      { width: 1280, height: 800 },
    ]) {
      await rig.page.setViewportSize(size);
      await rig.page.evaluate(inPage.scrollToEnd);
      expect(await rig.page.evaluate(inPage.measured)).toEqual(inPage.fitting);
    }
  });
});
