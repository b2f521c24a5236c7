import { programCalled } from '../../src-shared/program-name.ts';
import { formatAmount } from '../../src-shared/units.ts';
import { MINER_FREE_RAO, REGISTRATION_LIMIT_RAO, VALIDATOR_FREE_RAO } from './genesis.ts';
import type { Present } from './opening.ts';
import { keptPath, profilePath } from './standalone-folder.ts';
import { MINERS, minerVault, validatorVault } from './standalone-keys.ts';

/** What a person is told at the terminal. */
export interface Told {
  readonly url: string;
  readonly blockMs: number;
  readonly folder: string;
  /** HOST:PORT where the validator is looked for by the others. */
  readonly meeting: string;
  readonly stakeAlpha: bigint;
  readonly hasBegun: boolean;
}

/** A folder with a blank in its name must survive being copied into a shell. */
function quoted(text: string): string {
  if (/^[\w./:=@-]+$/.test(text)) return text;
  return process.platform === 'win32' ? `"${text}"` : `'${text.replaceAll("'", `'\\''`)}'`;
}

const joinCommand = ({ url, folder }: Told, role: string, keys: string, rest: string): string =>
  [
    `${programCalled()} join --headless`,
    `--network devnet=${url}`,
    `--profile ${quoted(profilePath(folder))}`,
    `--role ${role} --keys ${quoted(keys)}`,
    `${rest} --data-dir ${quoted(`${keys}-run`)}`,
  ].join(' ');

export function startWords(told: Told): string[] {
  const { url, blockMs, folder, meeting, stakeAlpha, hasBegun } = told;
  const whole = (amount: bigint) => formatAmount(amount, 0);
  return [
    `A practice chain of your own answers at ${url}, on this machine only: a block every ${blockMs / 1_000} s.`,
    hasBegun ? `It goes on from where it stopped. Its folder is ${folder}:` : `Written to ${folder}:`,
    `  profile.json            the run: netuid 38, the validator as its one witness`,
    `  miner-1 … miner-${MINERS}       a hotkey and a coldkey each, with ${whole(MINER_FREE_RAO)} TAO`,
    `  validator               registered, with ${whole(VALIDATOR_FREE_RAO)} TAO, ${whole(stakeAlpha)} alpha staked and a permit`,
    '  owner                   owns the subnet',
    `  devnet.json             the token for devnet_* methods (${keptPath(folder)})`,
    'Its TAO and alpha have no value, and its keys have no password.',
    '',
    'Join it, each in a terminal of its own, the validator first:',
    `  ${joinCommand(told, 'validator', validatorVault(folder), `--listen ${meeting}`)}`,
    `  ${joinCommand(told, 'miner', minerVault(folder, 1), `--listen 127.0.0.1:0 --register-limit ${whole(REGISTRATION_LIMIT_RAO)}`)}`,
    `  and so on with miner-2 to miner-${MINERS}.`,
  ];
}

export const waitWords = (minersNeeded: number): string =>
  `Emission starts by itself when the validator and ${minersNeeded} miners are there. To start it now, type start and press Enter.`;

export const STOP_WORDS = 'Press Ctrl+C to stop. The same command goes on with this chain.';

export const presentWords = ({ miners, witness }: Present, minersNeeded: number): string =>
  `${miners} of ${minersNeeded} miners are there, and ${witness ? 'the validator' : 'no validator yet'}.`;

export const OPENED_WORDS = 'Emission has started: rounds count from now on, and miners are paid.';
export const STOPPED_WORDS = 'The chain has stopped.';
