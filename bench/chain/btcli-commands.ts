import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { ALICE_TAO, type GuestChain, NETUID, openGuestChain, startSubnet } from './guest-chain.ts';
import { installed, output, type PythonHome } from './python.ts';

const VERSION = '9.23.2';
const KEYS = fileURLToPath(new URL('./btcli-keys.py', import.meta.url));
const HELD = { floor: 8, goal: 10 };
const WALLETS = [
  ['alice', '//Alice', 'default', '//alice-hot'],
  ['alice', '//Alice', 'new', '//alice-new'],
];

/** A command, and what a right answer holds. */
type Command = readonly [name: string, words: readonly string[], right: RegExp];

const netuid = ['--netuid', String(NETUID)];
const quiet = ['--json-output', '--no-prompt'];
// A practice chain has no shield: there is nobody who could run ahead.
const order = [...netuid, '--hotkey', 'default', '--no-mev-protection', '--tolerance', '0.5', ...quiet];

function commands({ key }: GuestChain, wallet: readonly string[], network: readonly string[]): Command[] {
  const hotkey = key('alice-hot').address;
  return [
    ['wallet balance', [...wallet, '--json-output'], new RegExp(`"free": ${ALICE_TAO}\\.0`)],
    ['wallet overview', [...wallet, '--json-output'], new RegExp(`"hotkey_ss58": "${hotkey}"`)],
    ['stake list', [...wallet, ...quiet], new RegExp(`"${hotkey}": \\[.*"stake_value": 1\\d{3}`)],
    ['stake add', [...wallet, ...order, '--amount', '5'], new RegExp(`"${hotkey}": true`)],
    ['stake remove', [...wallet, ...order, '--amount', '2'], /"success": true/],
    ['subnets list', [...network, '--json-output'], /"subnet_name": "Guests"/],
    [
      'subnets metagraph',
      [...network, ...netuid, '--no-prompt'],
      new RegExp(`1\\.\\d\\dk.* ${hotkey.slice(0, 6)} `),
    ],
    // Its safe way is a call that came after spec 393.
    ['subnets register', [...wallet, ...netuid, '--hotkey', 'new', '--unsafe', ...quiet], /"success": true/],
    [
      'wallet transfer',
      [...wallet, '--dest', key('Bob').address, '--amount', '3', ...quiet],
      /"success": true/,
    ],
    [
      'weights commit',
      [
        ...wallet,
        ...netuid,
        '--hotkey',
        'default',
        '--uids',
        '0,1',
        '--weights',
        '0.5,0.5',
        '--salt',
        '1,2',
        ...quiet,
      ],
      /"success": true/,
    ],
  ];
}

/** How many of btcli's commands end well and say what is true, of ten. */
export async function btcliCommands(): Promise<Figure> {
  let python: PythonHome;
  try {
    python = await installed([`bittensor-cli==${VERSION}`]);
  } catch (error) {
    return unmeasured('btcli-commands', '', `btcli ${VERSION} cannot be installed here: ${error}`, HELD);
  }
  const home = await mkdtemp(join(tmpdir(), 'butterfly-btcli-'));
  const chain = await openGuestChain();
  try {
    await output(python.program('python'), [KEYS, home, JSON.stringify(WALLETS)], home);
    await startSubnet(chain);
    const network = ['--network', chain.url];
    const wallet = ['--wallet-path', home, '--wallet-name', 'alice', ...network];
    const failed: string[] = [];
    const all = commands(chain, wallet, network);
    for (const [name, words, right] of all) {
      const said = await output(python.program('btcli'), [...name.split(' '), ...words], home).catch(String);
      // Answers are JSON over several lines.
      if (!right.test(said.replaceAll(/\s+/g, ' '))) failed.push(`${name}: ${said.trim().slice(-160)}`);
    }
    const seen = failed.length === 0 ? 'all' : failed.join('; ').replaceAll(/\s+/g, ' ');
    return figure('btcli-commands', all.length - failed.length, 'commands', { ...HELD, seen });
  } finally {
    await chain.close();
    await rm(home, { recursive: true, force: true });
  }
}
