import { describe, expect, it } from 'vitest';
import type { RunView } from '../../../src-shared/contract/page/sections.ts';
import type { WritingView } from '../../../src-shared/contract/page/writing.ts';
import { accessibilityFaults } from './axe.ts';
import * as inPage from './in-page.ts';
import { executablePath, pageRig, phone } from './rig.ts';
import * as scenes from './scenes.ts';

const now = Date.now();
const training = scenes.training(now);
const mine = scenes.mineOf(training);
const writing = mine.writing as WritingView;
const of = (sections: Partial<RunView>) => scenes.changed(training, sections);
const changed = (next: Partial<WritingView>) => of({ writing: { ...writing, ...next } });
const nothing: WritingView = { now: null, before: null, isWriting: false, problem: null };

const states = [
  ['written', training, 'The same words after round 2:'],
  ['none', of({ writing: nothing, history: [], heldOut: [] }), 'It writes after the first round that ends'],
  [
    'refused',
    changed({ problem: { code: 'CHILD_EXITED', params: { child: 'train', reason: 'killed' } } }),
    'The train process stopped',
  ],
] as const;

describe.skipIf(!executablePath)('what the model writes', () => {
  const rig = pageRig();
  const card = () => rig.page.getByRole('region', { name: 'What your model writes now' });

  // The first of them is part of the scene that axe looks at anyway.
  it.runIf(process.env.BUTTERFLY_LONG).each(states)('%s', async (name, view, said) => {
    await rig.open(view);
    await card().getByText(said, { exact: false }).waitFor();
    await rig.inBothThemes(async (theme) => {
      expect(await accessibilityFaults(rig.page)).toEqual([]);
      await card().scrollIntoViewIfNeeded();
      await rig.shoot(`writing-${name}-${theme}-1280`);
    });
    await rig.page.setViewportSize(phone);
    await card().scrollIntoViewIfNeeded();
    await rig.shoot(`writing-${name}-480`);
    // Nothing is wider than the page.
    expect(await rig.page.evaluate(inPage.measured)).toEqual(inPage.fitting);
  });

  it('says what it waits for, and tells no validator that the model is its own', async () => {
    await rig.open(of({ facts: { ...mine.facts, role: 'validator' }, writing: null }));
    const region = rig.page.getByRole('region', { name: 'What the model writes now' });
    await region.getByText('once the run has begun').waitFor();
    rig.host.showMine({ writing: { ...nothing, isWriting: true } });
    await region.getByText('Its first words are on their way.').waitFor();
    rig.host.showMine({ writing: { ...writing, before: null } });
    await region.getByText('as all agreed on it after round 40').waitFor();
  });

  it('asks for a newer text once for each base that was committed, and not for the one that is shown', async () => {
    await rig.open(training);
    await card().waitFor();
    expect(rig.argsOf('askWriting')).toEqual([]);
    const last = mine.history.at(-1)!;
    for (const round of [41, 42]) {
      rig.host.showMine({ history: [...mine.history, { ...last, round }] });
      await expect.poll(() => rig.argsOf('askWriting').length).toBe(round - 40);
    }
    expect(rig.argsOf('askWriting')).toEqual([
      [scenes.me, 'newer'],
      [scenes.me, 'newer'],
    ]);
    rig.host.showMine({ history: [...mine.history, { ...last, round: 43, outcome: 'void' }] });
    rig.host.showMine({
      writing: { ...writing, now: writing.now && { ...writing.now, round: 42, text: ' to the end.' } },
    });
    await card().getByText('to the end.').waitFor();
    expect(rig.argsOf('askWriting')).toHaveLength(2);
  });

  it('another is asked for by a press, and nothing while one is written', async () => {
    await rig.open(training);
    await card().getByRole('button', { name: 'another' }).click();
    await expect.poll(() => rig.argsOf('askWriting')).toEqual([[scenes.me, 'another']]);
    rig.host.showMine({ writing: { ...writing, isWriting: true } });
    await card().getByText('it writes').waitFor();
    expect(await card().getByRole('button', { name: 'another' }).count()).toBe(0);
  });
});
