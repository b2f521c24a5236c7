import * as v from 'valibot';
import { ADAPTER_KEY_MAX, adapterOfKey } from './cards/adapter.ts';
import { APPS_TEXT_MAX, parseApps } from './rules/apps.ts';
import { HOURS_TEXT_MAX, parseHours } from './rules/hours.ts';
import { PRICES_TEXT_MAX, parsePrices } from './rules/prices.ts';

/**
 * The settings, declared once: the page draws them from here, the host validates and stores them by it. A setting
 * is added by adding an entry; its default is what an old settings file means.
 */
interface Described {
  readonly group: SettingGroup;
  readonly title: string;
  /** What it changes, in a sentence or two. */
  readonly description: string;
  /** When a change takes effect: at once, with the next start of a run, or with the next start of Butterfly. */
  readonly takesEffect: 'at-once' | 'next-run' | 'restart';
  /** Chosen on the page of cards, where there is more to see, and not among the settings. */
  readonly isOnCardPage?: true;
  /** The one shell in which it changes something; left out: both. */
  readonly shell?: 'web' | 'electron';
}

export type SettingGroup =
  | 'training'
  | 'rules'
  | 'networks'
  | 'swarm'
  | 'joining'
  | 'wallets'
  | 'earnings'
  | 'window';

export type Setting = Described &
  (
    | { readonly type: 'switch'; readonly default: boolean }
    | {
        readonly type: 'number';
        readonly default: number;
        readonly least: number;
        readonly most: number;
        /** Decimal places accepted; 0 for whole numbers. */
        readonly places: number;
        readonly unit: string | null;
      }
    | {
        readonly type: 'text';
        readonly default: string;
        readonly most: number;
        readonly form: 'websocket' | 'card' | 'hours' | 'prices' | 'apps';
      }
    | {
        readonly type: 'choice';
        readonly default: string;
        readonly choices: readonly { readonly value: string; readonly title: string }[];
      }
    /** A folder of this computer, absolute; '' for none. */
    | { readonly type: 'path'; readonly default: string }
  );

export const settings = {
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
  'network.finney.endpoint': {
    group: 'networks',
    title: 'Endpoint of the real network',
    description:
      'The chain node that Butterfly asks. Anybody’s will do: what it says is checked, and keys stay here.',
    takesEffect: 'next-run',
    type: 'text',
    form: 'websocket',
    default: 'wss://entrypoint-finney.opentensor.ai:443',
    most: 512,
  },
  'network.test.endpoint': {
    group: 'networks',
    title: 'Endpoint of the test network',
    description: 'The same for the public test network, whose coins are worth nothing.',
    takesEffect: 'next-run',
    type: 'text',
    form: 'websocket',
    default: 'wss://test.finney.opentensor.ai:443',
    most: 512,
  },
  'swarm.reach': {
    group: 'swarm',
    title: 'Who may connect to this computer',
    description:
      'Peers on other computers must reach yours to average with it. Practice needs nobody from outside.',
    takesEffect: 'next-run',
    type: 'choice',
    default: 'everybody',
    choices: [
      { value: 'everybody', title: 'Every computer that finds it' },
      { value: 'this-computer', title: 'This computer alone' },
    ],
  },
  'swarm.port': {
    group: 'swarm',
    title: 'Port for peers',
    description:
      'Open this one in your router and firewall. 0 takes any free port, another one at each start.',
    takesEffect: 'next-run',
    type: 'number',
    default: 0,
    least: 0,
    most: 65_535,
    places: 0,
    unit: null,
  },
  'join.keysFolder': {
    group: 'joining',
    title: 'Folder of your keys',
    description: 'Where joining a network looks for a hotkey first, for example ~/.bittensor/wallets/main.',
    takesEffect: 'at-once',
    type: 'path',
    default: '',
  },
  'join.registrationLimit': {
    group: 'joining',
    title: 'Highest price of a registration',
    description:
      'Suggested when you join. A place that costs more is not bought; you can change it there each time.',
    takesEffect: 'at-once',
    type: 'number',
    default: 1,
    least: 0,
    most: 1_000,
    places: 4,
    unit: 'τ',
  },
  'wallet.folder': {
    group: 'wallets',
    title: 'Folder of your wallets',
    description:
      'Where wallets are looked for and made. Left empty it is ~/.bittensor/wallets, as in other tools of this field.',
    takesEffect: 'at-once',
    type: 'path',
    default: '',
  },
  'earnings.currency': {
    group: 'earnings',
    title: 'Currency',
    description: 'What amounts are told in beside TAO, once you have typed a rate or a tariff.',
    takesEffect: 'at-once',
    type: 'choice',
    default: 'EUR',
    choices: [
      { value: 'EUR', title: 'Euro' },
      { value: 'USD', title: 'US dollar' },
      { value: 'GBP', title: 'Pound sterling' },
      { value: 'CHF', title: 'Swiss franc' },
      { value: 'JPY', title: 'Yen' },
    ],
  },
  'earnings.rate': {
    group: 'earnings',
    title: 'What one TAO is worth',
    description: 'In that currency. Butterfly asks nobody for it; 0 leaves amounts in TAO alone.',
    takesEffect: 'at-once',
    type: 'number',
    default: 0,
    least: 0,
    most: 10_000_000,
    places: 2,
    unit: null,
  },
  'earnings.watts': {
    group: 'earnings',
    title: 'What this computer draws while it works',
    description: 'Read it from a power meter at the socket. 0: not known, and no cost is shown.',
    takesEffect: 'at-once',
    type: 'number',
    default: 0,
    least: 0,
    most: 20_000,
    places: 0,
    unit: 'W',
  },
  'earnings.tariff': {
    group: 'earnings',
    title: 'Price of a kilowatt hour',
    description: 'In that currency, as your bill says it. 0: not known, and no cost is shown.',
    takesEffect: 'at-once',
    type: 'number',
    default: 0,
    least: 0,
    most: 1_000,
    places: 4,
    unit: null,
  },
  'window.port': {
    group: 'window',
    title: 'Port of this page',
    description:
      '0 keeps the port that belongs to the data folder. An option of the command line goes before it.',
    takesEffect: 'restart',
    shell: 'web',
    type: 'number',
    default: 0,
    least: 0,
    most: 65_535,
    places: 0,
    unit: null,
  },
  'window.metricsPort': {
    group: 'window',
    title: 'Port for metrics',
    description:
      'Programs that watch other programs, like Prometheus, read there how training goes. Nothing from outside gets in. 0 turns it off.',
    takesEffect: 'restart',
    type: 'number',
    default: 0,
    least: 0,
    most: 65_535,
    places: 0,
    unit: null,
  },
  'window.acceleration': {
    group: 'window',
    title: 'Draw the window with the graphics card',
    description: 'Off by default: the memory that the window would take there belongs to training.',
    takesEffect: 'restart',
    shell: 'electron',
    type: 'switch',
    default: false,
  },
  'window.close': {
    group: 'window',
    title: 'When the window is closed',
    description:
      'In the tray Butterfly goes on with what it does; its picture there, or starting Butterfly again, brings the window back.',
    takesEffect: 'at-once',
    shell: 'electron',
    type: 'choice',
    default: 'ask',
    choices: [
      { value: 'ask', title: 'Ask me' },
      { value: 'tray', title: 'Go on in the tray' },
      { value: 'quit', title: 'Stop and quit' },
    ],
  },
  'window.notifications': {
    group: 'window',
    title: 'Tell me when something needs me',
    description:
      'By your system’s own notifications, while the window is not in front: faults, and what waits for you. The same is told once in half an hour at most.',
    takesEffect: 'at-once',
    shell: 'electron',
    type: 'switch',
    default: true,
  },
  'window.keep-awake': {
    group: 'window',
    title: 'Keep this computer awake while it trains',
    description:
      'It does not go to sleep by itself then; its screen still may. On battery it sleeps as it always does.',
    takesEffect: 'at-once',
    shell: 'electron',
    type: 'switch',
    default: false,
  },
} as const satisfies Record<string, Setting>;

interface ValueOfType {
  switch: boolean;
  number: number;
  text: string;
  choice: string;
  path: string;
}

export type SettingId = keyof typeof settings;
export type SettingValue<I extends SettingId> = ValueOfType[(typeof settings)[I]['type']];
export type SettingValues = { readonly [I in SettingId]: SettingValue<I> };

export const isSettingId = (id: string): id is SettingId => Object.hasOwn(settings, id);

/** What a setting accepts. The page uses the same schema, so a value that is refused is told at its field. */
export function settingSchema(id: SettingId): v.GenericSchema<unknown, boolean | number | string> {
  const setting: Setting = settings[id];
  switch (setting.type) {
    case 'switch':
      return v.boolean();
    case 'number':
      return v.pipe(
        v.number(),
        v.finite(),
        v.minValue(setting.least),
        v.maxValue(setting.most),
        v.check((value) => Number(value.toFixed(setting.places)) === value),
      );
    case 'text':
      return v.pipe(v.string(), v.maxLength(setting.most), v.check(forms[setting.form]));
    case 'choice':
      return v.picklist(setting.choices.map(({ value }) => value));
    case 'path':
      return v.pipe(v.string(), v.maxLength(4096), v.check(isAbsoluteFolder));
  }
}

const forms = {
  websocket: (text: string) => isWebSocketUrl(text),
  card: (text: string) => text === '' || adapterOfKey(text) !== null,
  hours: (text: string) => parseHours(text) !== null,
  prices: (text: string) => parsePrices(text) !== null,
  apps: (text: string) => parseApps(text) !== null,
};

/** ws:// or wss:// with a host, and no user or password in it: endpoints are shown and logged. */
export function isWebSocketUrl(text: string): boolean {
  if (!/^wss?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { hostname, username, password } = new URL(text);
  return hostname !== '' && username === '' && password === '';
}

/** Unix, home or Windows form, on this computer: shares of others are none. Whether it is there is for whoever opens it to say. */
const isAbsoluteFolder = (text: string): boolean =>
  text === '' || (/^(?:\/(?![\\/])|~\/|[A-Za-z]:[\\/])/.test(text) && !text.includes('\0'));

export const defaultSettings: SettingValues = Object.fromEntries(
  Object.entries(settings).map(([id, setting]) => [id, setting.default]),
) as unknown as SettingValues;

const shippedEndpoints: ReadonlySet<string> = new Set([
  defaultSettings['network.finney.endpoint'],
  defaultSettings['network.test.endpoint'],
]);

/** Whether a chain node is one that Butterfly comes with, and nobody chose. */
export const isShippedEndpoint = (endpoint: string): boolean => shippedEndpoints.has(endpoint);
