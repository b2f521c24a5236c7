import { ADAPTER_KEY_MAX } from '../cards/adapter.ts';
import type { Setting } from './setting.ts';

/** What trains, and how hard. */
export const trainingSettings = {
  'training.engine': {
    group: 'training',
    title: 'Train on',
    description:
      'The graphics card’s kernels are new: they were tried on processors that play a card, not on a real one yet. A card is checked against the processor before it trains, and where it fails the processor goes on. Which card it is, is chosen on the page “Card”.',
    takesEffect: 'next-run',
    type: 'choice',
    default: 'cpu',
    choices: [
      { value: 'cpu', title: 'The processor' },
      { value: 'gpu', title: 'The graphics card' },
      { value: 'tensorflow', title: 'TensorFlow, once it is added' },
    ],
  },
  'training.threads': {
    group: 'training',
    title: 'Processor threads for training',
    description:
      '0 leaves one core free and takes the others; a practice, where four train at once, takes one. Used when training runs on the processor.',
    takesEffect: 'next-run',
    type: 'number',
    default: 0,
    least: 0,
    most: 64,
    places: 0,
    unit: 'threads',
  },
  'training.device': {
    group: 'training',
    title: 'Graphics card',
    description: 'The card that trains. Left empty it is the one that drivers offer first.',
    takesEffect: 'next-run',
    isOnCardPage: true,
    type: 'text',
    form: 'card',
    default: '',
    most: ADAPTER_KEY_MAX,
  },
  'training.share': {
    group: 'training',
    title: 'How hard it may work',
    description:
      'Of its time. The rest belongs to what else you do: a card or a processor that rests in between stays cooler and quieter, and training takes that much longer.',
    takesEffect: 'at-once',
    type: 'number',
    default: 100,
    least: 10,
    most: 100,
    places: 0,
    unit: '%',
  },
  'training.textGib': {
    group: 'training',
    title: 'Disk for training text',
    description:
      'Text that a run fetches is kept so that nothing is fetched twice; what was unused longest goes first. Each run for itself. The text of practice comes with Butterfly and takes none.',
    takesEffect: 'next-run',
    type: 'number',
    default: 4,
    least: 0,
    most: 4_000,
    places: 0,
    unit: 'GiB',
  },
} as const satisfies Record<string, Setting>;
