import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXPORT_PASSWORD, keystore } from '../../src-main/vault/exported-files.ts';
import { ADDRESS, ansible, PASSWORD, PLAIN } from '../../src-main/vault/locked-files.ts';
import { executablePath } from './rig.ts';
import { signingRig } from './signing-rig.ts';

describe.skipIf(!executablePath)('a wallet that is brought to the signing window', () => {
  const rig = signingRig();
  const main = () => rig.page.locator('main');
  const button = (name: string) => rig.page.getByRole('button', { name, exact: true });
  const says = (text: string | RegExp) => main().getByText(text).first().waitFor();
  const choose = (what: 'file' | 'folder', from: string) =>
    rig.page
      .locator(what === 'file' ? 'input[type=file]:not([webkitdirectory])' : 'input[webkitdirectory]')
      .setInputFiles(from);
  const showsAddress = async () => (await main().innerText()).replaceAll(/\s/g, '').includes(ADDRESS);
  let stick: string;
  beforeEach(async () => {
    stick = await mkdtemp(join(tmpdir(), 'butterfly-stick-'));
  });
  afterEach(() => rm(stick, { recursive: true, force: true }));

  it('as an export of another wallet opens with its password, is looked at, and stays under that password', async () => {
    const file = join(stick, 'account.json');
    await writeFile(file, JSON.stringify(keystore));
    await rig.start({ kind: 'import' });
    await rig.open();
    await says('Drop it here, or');
    await rig.shoot('signing-import-light');
    await choose('file', file);
    const own = rig.page.getByLabel('Password of “account.json”');
    await says('no words or password here that open real coins');
    await own.fill('not theirs');
    await rig.page.keyboard.press('Enter');
    await says('does not open with this password');
    await rig.shoot('signing-import-wrong-light');
    await own.fill(EXPORT_PASSWORD);
    await button('Open it').click();
    await says('It holds this account');
    expect(await showsAddress()).toBe(true);
    expect(await readdir(rig.root)).toEqual([]);
    await rig.shoot('signing-import-opened-light');
    await button('Keep it as “main”').click();
    await says('What was brought in');
    await rig.shoot('signing-imported-light');
    expect(await rig.backedUpAt(ADDRESS)).toBeGreaterThan(0);
  });

  it('from a folder of several is the one that was chosen, its files as they are', async () => {
    for (const name of ['one', 'two'])
      await mkdir(join(stick, 'wallets', name, 'hotkeys'), { recursive: true });
    await writeFile(join(stick, 'wallets', 'one', 'coldkey'), PLAIN);
    await writeFile(join(stick, 'wallets', 'two', 'coldkey'), ansible);
    await writeFile(join(stick, 'wallets', 'two', 'hotkeys', 'rig'), PLAIN);
    await rig.start({ kind: 'import' });
    await rig.open();
    await choose('folder', join(stick, 'wallets'));
    await says('Several wallets lie there');
    await rig.shoot('signing-import-which-light');
    await button('two').click();
    await rig.page.getByLabel('Password of “two”').fill(PASSWORD);
    await button('Open it').click();
    await says('copied as they are');
    expect(await showsAddress()).toBe(true);
    await button('Keep it as “main”').click();
    await says('Before its address is given out');
    expect(await readFile(join(rig.root, 'main', 'coldkey'), 'utf8')).toBe(ansible.toString());
    expect(await readdir(join(rig.root, 'main', 'hotkeys'))).toContain('rig');
  });

  it('is dropped anywhere in the window; what is none is told, and what is too large is not read', async () => {
    await rig.start({ kind: 'import' });
    await rig.open();
    const drop = (bytes: number, name: string) =>
      rig.page.evaluate(
        `(() => { const transfer = new DataTransfer();
          transfer.items.add(new File(['x'.repeat(${bytes})], '${name}'));
          document.querySelector('h1').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true })); })()`,
      );
    await drop(300, 'cat.jpg');
    await says('cat.jpg is no key file');
    await drop(300_000, 'film.mp4');
    await says('film.mp4 is too large');
  });

  it('of a real network is brought elsewhere', async () => {
    await rig.start({ kind: 'import', network: 'finney' });
    await rig.open();
    await says('npm start -- wallet --import FILE-OR-FOLDER --name main');
    expect(await rig.page.locator('input').count()).toBe(0);
    const bytes = new TextEncoder().encode(PLAIN);
    const order = { kind: 'file', name: 'coldkey', files: [{ path: 'coldkey', bytes }] } as const;
    const bringing = rig.desk.api.bring(rig.desk.waits?.id ?? '', order);
    await expect(bringing).rejects.toMatchObject({ code: 'SIGNING_NOT_HERE' });
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });
});
