import { WANDB_NAME_MOST } from '../run-logs/wandb-names.ts';
import type { Setting } from './setting.ts';

/** Where runs are told: nothing is told to anybody until somebody says so. */
export const runLogSettings = {
  'logs.wandb': {
    group: 'logs',
    title: 'Tell Weights & Biases',
    description:
      'Losses, rounds and scores of each run go to an account of yours, with your hotkey, its stake and its peer id, which are public, and the shape of the model. Nothing of your computer and no key does. It needs your own key, below.',
    takesEffect: 'at-once',
    type: 'switch',
    default: false,
  },
  'logs.wandbEntity': {
    group: 'logs',
    title: 'Team',
    description: 'Of that account. Left empty it is the one that your key belongs to.',
    takesEffect: 'at-once',
    type: 'text',
    form: 'wandb-name',
    default: '',
    most: WANDB_NAME_MOST,
  },
  'logs.wandbProject': {
    group: 'logs',
    title: 'Project',
    description: 'Its miners go to NAME_miners, its validators to NAME_validators, as the subnet has them.',
    takesEffect: 'at-once',
    type: 'text',
    form: 'wandb-name',
    default: 'distributed_training',
    most: WANDB_NAME_MOST - '_validators'.length,
  },
  'logs.wandbUrl': {
    group: 'logs',
    title: 'Address of your own server',
    description: 'Where you run Weights & Biases yourself. Left empty it is the public service.',
    takesEffect: 'at-once',
    type: 'text',
    form: 'web',
    default: '',
    most: 512,
  },
  'logs.wandbStop': {
    group: 'logs',
    title: 'When a run is stopped there',
    description: 'Weights & Biases has a button that asks a run to stop.',
    takesEffect: 'at-once',
    type: 'choice',
    default: 'go-on',
    choices: [
      { value: 'go-on', title: 'Tell me, and go on' },
      { value: 'pause', title: 'Let training rest' },
    ],
  },
  'logs.tensorBoard': {
    group: 'logs',
    title: 'Write files for TensorBoard',
    description: 'A folder for each run, here and nowhere else.',
    takesEffect: 'at-once',
    type: 'switch',
    default: false,
  },
  'logs.tensorBoardFolder': {
    group: 'logs',
    title: 'Folder of those files',
    description: 'Left empty it is the folder tensorboard below the data folder.',
    takesEffect: 'at-once',
    type: 'path',
    default: '',
  },
} as const satisfies Record<string, Setting>;
