import { describe, expect, it } from 'vitest';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import { accessibilityFaults } from './axe.ts';
import { executablePath, pageRig } from './rig.ts';
import * as scenes from './scenes.ts';

const now = Date.now();
const shown: readonly (readonly [string, View, string])[] = [
  ['welcome', scenes.idle(), 'home'],
  ['setting up', scenes.settingUp(now), 'home'],
  ['the dashboard', scenes.training(now), 'home'],
  ['a run that is succeeded', scenes.succeeded(now), 'home'],
  ['much to tell', scenes.muchToTell(now), 'home'],
  ['join', scenes.idle(), 'join'],
  ['settings', scenes.training(now), 'settings'],
];

describe.skipIf(!executablePath)('axe finds nothing wrong', () => {
  const rig = pageRig();

  it.each(shown)('on %s', async (_name, view, screen) => {
    await rig.open(view, { screen });
    await rig.inBothThemes(async () => expect(await accessibilityFaults(rig.page)).toEqual([]));
  });
});
