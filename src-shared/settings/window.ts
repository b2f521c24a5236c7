import type { Setting } from './setting.ts';

/** The window, the page and its ports. */
export const windowSettings = {
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
