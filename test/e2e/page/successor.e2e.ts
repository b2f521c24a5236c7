import { describe, expect, it } from 'vitest';
import { executablePath, pageRig } from './rig.ts';
import { me, succeeded, training } from './scenes.ts';

describe.skipIf(!executablePath)('a run that takes over from the one that works', () => {
  const rig = pageRig();

  it('is shown with what it does otherwise, and gone over to after a word', async () => {
    const view = succeeded(Date.now());
    await rig.open(view);
    const card = rig.page.getByRole('region', { name: '“practice 2” takes over' });
    await card.getByText('What changes: the model, the text.').waitFor();
    await card.getByText('after its round 60, and begins with first weights of its own.').waitFor();
    await rig.shoot('successor-light');
    await card.getByRole('button', { name: 'Go over to it' }).click();
    const dialog = rig.page.getByRole('dialog', { name: 'Leave practice for practice 2?' });
    await dialog.getByText('Nothing is paid').waitFor();
    expect(rig.argsOf('followRun')).toEqual([]);
    await dialog.getByRole('button', { name: 'Go over to it' }).click();
    const { hash } = view.runs[me]!.successor!.summary;
    await expect.poll(() => rig.argsOf('followRun')).toEqual([[me, hash]]);
  });

  it('takes no place where there is none', async () => {
    await rig.open(training(Date.now()));
    await rig.page.getByText('Is it working?').waitFor();
    expect(await rig.page.getByRole('button', { name: 'Go over to it' }).count()).toBe(0);
  });
});
