import { STORE_ADDRESS_CHARS_MAX } from '../stores/store-address.ts';
import type { Setting } from './setting.ts';

/** Chain nodes, peers, and joining a network. */
export const networkSettings = {
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
  'swarm.mapsPort': {
    group: 'swarm',
    title: 'Let the router open the port',
    description:
      'Asks your router by UPnP and NAT-PMP to let peers in, and to close the port again when the run stops.',
    takesEffect: 'next-run',
    type: 'switch',
    default: true,
  },
  'swarm.relays': {
    group: 'swarm',
    title: 'Help members that cannot be reached',
    description:
      'Where others reach this computer, it passes encrypted bytes on between members of the run who do not reach each other. It takes some of your uplink.',
    takesEffect: 'next-run',
    type: 'switch',
    default: true,
  },
  'swarm.store': {
    group: 'swarm',
    title: 'Where others read your states',
    description:
      'Said to peers, and on chain beside your peer key, for everybody and for ever: hub:user/name, https://host/path/, or s3:host/bucket with a key behind # that can only read. Left empty, none is named.',
    takesEffect: 'next-run',
    type: 'text',
    form: 'told-store',
    default: '',
    most: STORE_ADDRESS_CHARS_MAX,
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
} as const satisfies Record<string, Setting>;
