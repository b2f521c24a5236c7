import { describe, expect, it } from 'vitest';
import { accessibilityFaults } from './axe.ts';
import * as inPage from './in-page.ts';
import * as models from './models-scenes.ts';
import { finney } from './money-scenes.ts';
import { executablePath, pageRig, phone } from './rig.ts';
import { idle } from './scenes.ts';

const now = Date.now();
const narrow = { ...phone, width: 360 };

describe.skipIf(!executablePath)('published models', () => {
  const rig = pageRig();
  const region = (name: string) => rig.page.getByRole('region', { name, exact: true });
  const here = () => region('On this computer').getByRole('listitem').filter({ hasText: 'gpt2-124m' });
  const open = (view = models.withModels(now), at = {}) => rig.open(view, { screen: 'models', ...at });

  it('stand in the rail, are looked for, and say without a store what to do next', async () => {
    await rig.open({ ...idle(), models: { sources: [], losses: [] } });
    await rig.page.getByRole('link', { name: 'Models' }).click();
    await region('Published').getByText('Add one below by its address', { exact: false }).waitFor();
    await region('On this computer').getByText('No model is here yet.', { exact: false }).waitFor();
    await expect.poll(() => rig.argsOf('lookForModels')).toEqual([['once']]);
    await rig.shoot('models-none');
    await rig.inBothThemes(async () => expect(await accessibilityFaults(rig.page)).toEqual([]));
  });

  it('show what each store has, how old that is, and an alarm for a loss that rises', async () => {
    await open();
    await rig.page.getByText('The loss has risen for 3 states in a row since round 201.').waitFor();
    const curve = (from: number) =>
      rig.page.getByRole('img', { name: `Held-out loss of gpt2-124m from round ${from} to round 231` });
    await curve(121).waitFor();
    await rig.page.getByRole('button', { name: 'all states' }).click();
    await curve(1).waitFor();
    await rig.page.getByRole('button', { name: 'the newest 12 states alone' }).click();
    await curve(121).waitFor();
    const table = rig.page.getByRole('table', { name: /sn38-gpt2-124m/ });
    await table.getByRole('row').nth(4).waitFor();
    const link = table.getByRole('link', { name: /^231\s+open on the Hub$/ });
    expect(await link.getAttribute('href')).toBe(
      'https://huggingface.co/somebody/sn38-gpt2-124m/tree/1.232.30',
    );
    await rig.page.getByText('2 states there have no manifest that can be read.', { exact: false }).waitFor();
    await rig.page.getByText('not signed').waitFor();
    await rig.inBothThemes(async (theme) => {
      expect(await accessibilityFaults(rig.page)).toEqual([]);
      await rig.page.getByRole('heading', { name: 'Models', exact: true }).scrollIntoViewIfNeeded();
      await rig.shoot(`models-${theme}`);
      await region('Published').scrollIntoViewIfNeeded();
      await rig.shoot(`models-published-${theme}`);
    });
  });

  it.each([360, 640, 1280])('fit a window of %i', async (width) => {
    await open(models.withModels(now), { viewport: { ...narrow, width } });
    await region('Published').waitFor();
    expect(await rig.page.evaluate(inPage.measured)).toEqual(inPage.fitting);
    await rig.shoot(`models-${width}`);
    await region('Published').scrollIntoViewIfNeeded();
    await rig.shoot(`models-${width}-published`);
  });

  it('are added by an address or the number of a subnet, and a refusal stands at the field', async () => {
    await open({ ...models.withModels(now), moneyNetworks: [finney] });
    const address = rig.page.getByLabel('Address of a store');
    await address.fill('hub:somebody/states');
    rig.host.refuse('addModelSource', { code: 'MODEL_SOURCES_FULL', params: { most: 16 } });
    await region('Add a store').getByRole('button', { name: 'Add' }).click();
    await region('Add a store').getByText('16 stores are looked at already.').waitFor();
    expect(await address.inputValue()).toBe('hub:somebody/states');
    await region('Add a store').getByRole('button', { name: 'Add' }).click();
    await expect.poll(() => address.inputValue()).toBe('');
    expect(rig.argsOf('addModelSource')).toEqual([['hub:somebody/states'], ['hub:somebody/states']]);
    await rig.page.getByLabel('Subnet', { exact: true }).fill('38');
    await rig.page.getByRole('button', { name: 'Find' }).click();
    await expect.poll(() => rig.argsOf('addModelSubnet')).toEqual([['finney', 38]]);
  });

  it('are downloaded where there is room, and what is here or comes is not offered again', async () => {
    await open();
    const table = rig.page.getByRole('table', { name: /sn38-gpt2-124m/ });
    await table.getByText('is here').waitFor();
    await table.getByText('comes').waitFor();
    expect(await table.getByRole('button').count()).toBe(2);
    const params = { neededMib: 1_461, freeMib: 200, path: '/home/you' };
    rig.host.refuse('downloadModel', { code: 'MODEL_NO_ROOM', params });
    await table.getByRole('button', { name: /^Download gpt2-124m, round 211/ }).click();
    await region('Published').getByText('This model takes 1461 MiB', { exact: false }).waitFor();
    expect(rig.argsOf('downloadModel')).toEqual([['a'.repeat(16), '1.212.30']]);
  });

  it('say how far a download is, and it is stopped, gone on with and deleted', async () => {
    await open();
    const coming = here().filter({ hasText: 'round 231' });
    await coming.getByRole('progressbar', { name: 'Download of gpt2-124m, round 231' }).waitFor();
    await coming.getByText('401 MiB of 949 MiB').waitFor();
    await coming.getByRole('button', { name: 'Stop' }).click();
    const { id } = models.withModels(now).modelDownloads[1]!;
    await expect.poll(() => rig.argsOf('cancelModel')).toEqual([[id]]);
    const stopped = models.download(now, { id, phase: { kind: 'stopped', problem: null }, check: null });
    rig.host.show({ modelDownloads: [stopped] });
    await here().getByText('Not whole: 949 MiB in all.', { exact: false }).waitFor();
    await here().getByRole('button', { name: 'Go on' }).click();
    await expect.poll(() => rig.argsOf('resumeModel')).toEqual([[id]]);
    await here().getByRole('button', { name: 'Delete…' }).click();
    const dialog = rig.page.getByRole('dialog', { name: 'Delete this model?' });
    await dialog.getByText('949 MiB', { exact: false }).waitFor();
    expect(rig.argsOf('deleteModel')).toEqual([]);
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => rig.argsOf('deleteModel')).toEqual([[id]]);
  });

  it.each([
    ['is sound', {}, 'Checked: it is what its publisher signed.', 'No run of this computer knows'],
    [
      'is damaged',
      { damaged: ['model.safetensors'] },
      'Something is wrong with it.',
      'Damaged: model.safetensors.',
    ],
    ['nobody signed', { isSigned: false }, 'Something is wrong with it.', 'anybody may have made it'],
    [
      'has other weights',
      { weights: 'other' },
      'Something is wrong with it.',
      'another digest than it names',
    ],
    [
      'the chain does not name',
      { chain: 'other' },
      'Something is wrong with it.',
      'The chain names another base',
    ],
  ] as const)('say plainly of one that %s what was found', async (_name, found, headline, said) => {
    const check = { ...models.sound(now), ...found };
    await open({
      ...models.withModels(now),
      modelDownloads: [models.download(now, { check: { ...check, damaged: [...check.damaged] } })],
    });
    await here().getByText(headline).waitFor();
    await here().getByText(said, { exact: false }).waitFor();
  });

  it('are tried with a text, which comes as it is written and can be stopped', async () => {
    await open({ ...models.withModels(now), modelDownloads: [models.download(now)], modelWriting: null });
    await here().getByLabel('Text to go on with').fill('Call me');
    await here().getByLabel('Temperature').fill('0.5');
    await here().getByLabel('Top-k').fill('10');
    await here().getByLabel('Seed').fill('3');
    await here().getByRole('button', { name: 'Write' }).click();
    const prompt = { text: 'Call me', temperature: 0.5, topK: 10, seed: 3 };
    await expect.poll(() => rig.argsOf('writeWithModel')).toEqual([[models.download(now).id, prompt]]);
    rig.host.show({ modelWriting: { ...models.writing(now), prompt, written: ' Ishmael' } });
    await here().getByText('Call me Ishmael').waitFor();
    await here().getByRole('button', { name: 'Stop' }).click();
    await expect.poll(() => rig.argsOf('stopModelText')).toEqual([[]]);
    rig.host.show({ modelWriting: { ...models.writing(now), prompt, phase: 'ended' } });
    await here().getByText('That is all it says.').waitFor();
    await here().getByRole('button', { name: 'Write' }).waitFor();
  });

  it('are handed to other programs below a folder that the system’s window chose, or the one that stands there', async () => {
    const view = { ...models.withModels(now), modelDownloads: [models.download(now)] };
    await open({ ...view, app: { ...view.app, shell: 'electron' } });
    const { id, exportsTo } = models.download(now);
    const field = here().getByLabel('Folder for other programs');
    expect(await field.inputValue()).toBe(exportsTo);
    rig.host.answer('chooseExportFolder', { kind: 'none' });
    const choose = here().getByRole('button', { name: 'Choose a folder …' });
    await choose.click();
    await expect.poll(() => rig.argsOf('chooseExportFolder')).toEqual([[id, expect.any(String)]]);
    expect(await field.inputValue()).toBe(exportsTo);
    rig.host.answer('chooseExportFolder', { kind: 'chosen', path: '/media/disk/GPT-2-1.222.30' });
    await choose.click();
    await expect.poll(() => field.inputValue()).toBe('/media/disk/GPT-2-1.222.30');
    await field.scrollIntoViewIfNeeded();
    await rig.shoot('models-export');
    await here().getByRole('button', { name: 'Export' }).click();
    await expect.poll(() => rig.argsOf('exportModel')).toEqual([[id, '/media/disk/GPT-2-1.222.30']]);
  });

  it('are handed to other programs, and a refusal stands at the model', async () => {
    await open({ ...models.withModels(now), modelDownloads: [models.download(now)] });
    const { id } = models.download(now);
    expect(await here().getByRole('button', { name: 'Choose a folder …' }).count()).toBe(0);
    await here().getByLabel('Folder for other programs').fill('/home/you/gpt2');
    await here().getByRole('button', { name: 'Export' }).click();
    await expect.poll(() => rig.argsOf('exportModel')).toEqual([[id, '/home/you/gpt2']]);
    const problem = { code: 'MODEL_FOLDER_TAKEN', params: { path: '/home/you/gpt2' } } as const;
    rig.host.show({ modelDownloads: [models.download(now, { phase: { kind: 'here', problem } })] });
    await here().getByText('The folder /home/you/gpt2 is there already', { exact: false }).waitFor();
  });
});
