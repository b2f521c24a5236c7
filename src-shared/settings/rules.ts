import { APPS_TEXT_MAX } from '../rules/apps.ts';
import { HOURS_TEXT_MAX } from '../rules/hours.ts';
import { PRICES_TEXT_MAX } from '../rules/prices.ts';
import type { Setting } from './setting.ts';

/** The house rules: when this computer rests (`src-shared/rules/judge.ts` judges by them). */
export const rulesSettings = {
  'rules.battery': {
    group: 'rules',
    title: 'Rest on battery',
    description: 'A laptop that trains is empty within an hour or two.',
    takesEffect: 'at-once',
    type: 'switch',
    default: true,
  },
  'rules.fullScreen': {
    group: 'rules',
    title: 'Rest while a program fills the screen',
    description: 'A film, a game, a talk: the program in front, on any screen.',
    takesEffect: 'at-once',
    type: 'switch',
    default: false,
  },
  'rules.apps': {
    group: 'rules',
    title: 'Rest while these programs run',
    description:
      'By the names of their files, with commas between them, for example: blender, Cyberpunk2077.exe. Processes of Butterfly itself do not count.',
    takesEffect: 'at-once',
    type: 'text',
    form: 'apps',
    default: '',
    most: APPS_TEXT_MAX,
  },
  'rules.idleMinutes': {
    group: 'rules',
    title: 'Work only while nobody uses this computer',
    description:
      'Once nobody has touched a key or the mouse for so long, or the screen is locked. 0: always.',
    takesEffect: 'at-once',
    type: 'number',
    default: 0,
    least: 0,
    most: 600,
    places: 0,
    unit: 'minutes',
  },
  'rules.celsius': {
    group: 'rules',
    title: 'Highest temperature of a card',
    description:
      'Each card for itself. It rests when it is as hot as this, and goes on when it is 5 °C cooler. 0: no limit of yours.',
    takesEffect: 'at-once',
    type: 'number',
    default: 0,
    least: 0,
    most: 110,
    places: 0,
    unit: '°C',
  },
  'rules.hours': {
    group: 'rules',
    title: 'Hours in which it may work',
    description: 'By the clock of this computer.',
    takesEffect: 'at-once',
    type: 'text',
    form: 'hours',
    default: '',
    most: HOURS_TEXT_MAX,
  },
  'rules.prices': {
    group: 'rules',
    title: 'What electricity costs by the hour',
    description:
      'Of a day, as your contract says, for example: 22-6 0.18; 6-22 0.34. Every hour needs a price. Butterfly asks nobody for it.',
    takesEffect: 'at-once',
    type: 'text',
    form: 'prices',
    default: '',
    most: PRICES_TEXT_MAX,
  },
  'rules.priceMost': {
    group: 'rules',
    title: 'Highest price at which it may work',
    description: 'Of a kilowatt hour, against the prices above. 0: any price.',
    takesEffect: 'at-once',
    type: 'number',
    default: 0,
    least: 0,
    most: 1_000,
    places: 4,
    unit: null,
  },
} as const satisfies Record<string, Setting>;
