import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { finishRenamings } from '../../../src-main/data-folder.ts';
import { accessibilityFaults } from './axe.ts';
import { executablePath } from './rig.ts';
import { signingRig } from './signing-rig.ts';

const PASSWORD = 'plenty of quiet moths';

describe.skipIf(!executablePath)('a move in the signing window', () => {
  const rig = signingRig();
  const main = () => rig.page.locator('main');
  const button = (name: string) => rig.page.getByRole('button', { name, exact: true });
  const says = (text: string | RegExp) => main().getByText(text).first().waitFor();
  const file = () => join(rig.root, 'a.move');
  const narrow = { width: 360, colorScheme: 'dark' } as const;
  const fits = async () => expect(await accessibilityFaults(rig.page)).toEqual([]);

  async function makeFile(): Promise<string> {
    const hotkey = await rig.startMoveOut(file());
    await rig.open();
    await rig.page.getByLabel('A password for the file').fill(PASSWORD);
    await rig.page.getByLabel('The same once more').fill(PASSWORD);
    await button('Make the file and give the hotkeys up').click();
    await rig.page.getByRole('heading', { name: 'The file is made' }).waitFor();
    return hotkey;
  }

  it('tells what goes and what is given up, takes one password twice, and makes the file', async () => {
    await rig.startMoveOut(file());
    await rig.open();
    for (const text of [
      'Runs',
      'Hotkeys and public files',
      'Ledger',
      file(),
      'this computer gives the hotkey up',
    ])
      await says(text);
    await fits();
    await rig.shoot('signing-move-out-light');
    const go = button('Make the file and give the hotkeys up');
    await rig.page.getByLabel('A password for the file').fill(PASSWORD);
    await rig.page.getByLabel('The same once more').fill('plenty of quiet moth');
    await says('It is not the same yet.');
    expect(await go.isDisabled()).toBe(true);
    await rig.page.getByLabel('The same once more').fill(PASSWORD);
    await go.click();
    await rig.page.getByRole('heading', { name: 'The file is made' }).waitFor();
    await says(`It lies in ${file()}.`);
    await fits();
    await rig.shoot('signing-move-made-light');
    expect((await readFile(file())).subarray(0, 17).toString()).toBe('BUTTERFLY-MOVE 1\n');
  });

  it('fits a narrow window in the dark', async () => {
    await rig.startMoveOut(file());
    await rig.open(narrow);
    await says('this computer gives the hotkey up');
    await fits();
    await rig.shoot('signing-move-out-narrow-dark');
  });

  it('is left as it was where its person cancels', async () => {
    await rig.startMoveOut(file());
    await rig.open();
    await button('Cancel').click();
    await says('Nothing waits to be signed');
    await expect(access(file())).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('shows what a file brings before anything changes, asks which of two counts, and lays it for the next start', async () => {
    const hotkey = await makeFile();
    await rig.startMoveIn(file());
    const password = rig.page.getByLabel('The password of the file');
    await password.fill('another one');
    await rig.page.keyboard.press('Enter');
    await says('does not open with this password');
    await rig.shoot('signing-move-in-wrong-light');
    await password.fill(PASSWORD);
    await button('Look into it').click();
    await says('Nothing was changed yet.');
    await says('One file is here already');
    await fits();
    await rig.shoot('signing-move-in-light');
    const bring = button('Bring it in and end Butterfly');
    expect(await bring.isDisabled()).toBe(true);
    await rig.page.getByLabel('Take those that come').check();
    await bring.click();
    await rig.page.getByRole('heading', { name: 'It is in place at the next start' }).waitFor();
    await rig.shoot('signing-moved-in-light');
    const runs = join(rig.root, 'data', 'runs.json');
    await expect(access(runs)).rejects.toMatchObject({ code: 'ENOENT' });
    await finishRenamings(join(rig.root, 'data'), () => undefined);
    expect(await readFile(runs, 'utf8')).toContain(hotkey);
    expect(await readFile(join(rig.root, 'data', 'settings.json'), 'utf8')).toContain('"training.share": 50');
  });

  it('shows what comes in a narrow window in the dark', async () => {
    await makeFile();
    await rig.startMoveIn(file());
    await rig.open(narrow);
    await rig.page.getByLabel('The password of the file').fill(PASSWORD);
    await button('Look into it').click();
    await says('Nothing was changed yet.');
    await fits();
    await rig.shoot('signing-move-in-narrow-dark');
  });
});
