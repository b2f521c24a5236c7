import { expect, it } from 'vitest';
import { assertTensorFlowUnused } from '../../src-main/added-engines.ts';
import { emptyRun, emptyView, type View } from '../../src-shared/contract/page/sections.ts';
import { defaultSettings } from '../../src-shared/settings.ts';
import { onCard } from '../e2e/page/card-scenes.ts';
import { mineOf } from '../e2e/page/scenes.ts';

const training = mineOf(onCard(0)).training!;
const { facts } = mineOf(onCard(0));
const chosen = { ...defaultSettings, 'training.engine': 'tensorflow' } as const;
const starting = emptyRun(facts);
const onTensorFlow = { ...starting, training: { ...training, computes: 'tensorflow' } } as const;
const running = { running: {}, results: [], problem: null } as unknown as View['benchmark'];

const isRefused = (changes: Partial<View>): boolean => {
  try {
    assertTensorFlowUnused({
      ...emptyView({ version: '', shell: 'web', dataDir: '', program: 'npm start --' }),
      ...changes,
    });
    return false;
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'ENGINE_IN_USE' });
    return true;
  }
};

it.each<[string, boolean, Partial<View>]>([
  ['a run trains on it, whatever is chosen by now', true, { runs: { a: onTensorFlow } }],
  ['a run is starting while it is chosen', true, { runs: { a: starting }, settings: chosen }],
  ['it is being measured', true, { benchmark: running, settings: chosen }],
  ['it is chosen and nothing runs', false, { settings: chosen }],
  ['a run trains on a card', false, { runs: { a: { ...starting, training } }, settings: chosen }],
  ['a run is starting on another one', false, { runs: { a: starting } }],
])('where %s, touching TensorFlow is refused: %s', (_when, refused, changes) => {
  expect(isRefused(changes)).toBe(refused);
});
