import type { AddedEngineId } from '../../src-shared/contract/page/engines.ts';
import { command, type SaidOf, type SwitchOption, type Word } from './option.ts';
import { dataDir } from './shared-options.ts';
import { oneOf } from './values.ts';

const actions = ['list', 'add', 'remove'] as const;

/** Training engines that do not come with Butterfly. */
export const engine = command({
  name: 'engine',
  summary: 'List, add or remove a training engine that does not come with Butterfly.',
  words: {
    action: {
      help: 'What to do.',
      value: oneOf(actions.join('|'), actions),
    } as Word<(typeof actions)[number]>,
    engine: {
      help: 'With add and remove: which one.',
      value: oneOf<AddedEngineId>('tensorflow', ['tensorflow']),
    } as Word<AddedEngineId>,
  },
  options: {
    json: { name: '--json', help: 'With list: print it as JSON.' } as SwitchOption,
    dataDir,
  },
  more: [
    'TensorFlow (@tensorflow/tfjs-node-gpu) takes 0.9 to 2 GB of disk; it is downloaded from npm and from Google, on',
    'Linux from Python’s package index where that fails. A card of NVIDIA is used where CUDA 11 is there. Adding it',
    'runs the package’s own installer, with your rights; nothing but the connection (TLS) vouches for what that brings.',
  ],
  rules: [{ kind: 'demands', key: 'action' }],
});

export type EngineOptions = SaidOf<typeof engine>;
