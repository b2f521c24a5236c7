import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { type GuestChain, NETUID, openGuestChain } from './guest-chain.ts';
import { installed, output, type PythonHome } from './python.ts';

const VERSION = '11.3.0';
const SCRIPT = fileURLToPath(new URL('./sdk-reads.py', import.meta.url));
const HELD = { floor: 0.9, goal: 1 };

/** Reads whose storage or API came after spec 393, by what they ask for. No chain of 393 can answer them. */
const NEWER: readonly string[] = [
  // SubtensorModule storage: AccountFlags, ChildkeyThresholdSuspended, CollateralLockShare, HotkeyLock, LastEpochBlock,
  // Lock, LockingColdkeys, MinerCollateral, SubnetEmissionEnabled, TotalAlphaStaked
  'accepts_locked_alpha',
  'childkey_threshold_suspended',
  'coldkey_lock',
  'collateral_policy',
  'epoch_status',
  'locks_for_coldkey',
  'locks_for_hotkey',
  'miner_collateral',
  'subnet_collateral',
  'subnet_convictions',
  'subnet_emission_enabled',
  'total_alpha_staked',
  // BetaBasketRuntimeApi
  'basket_position',
  'basket_trading_status',
  'root_basket_owed',
  'root_basket_owed_breakdown',
  'root_basket_portfolio',
  'root_basket_total_nav',
  'root_baskets',
  'validator_basket',
  'validator_basket_nav',
  'validator_basket_summary',
  // StakeInfoRuntimeApi: get_hotkey_conviction, get_most_convicted_hotkey_on_subnet, get_stake_availability_for_coldkeys
  'hotkey_conviction',
  'most_convicted_hotkey',
  'stake_availability',
  'stake_availability_for_coldkey',
  // SubnetInfoRuntimeApi: get_next_epoch_start_block, get_subnet_hyperparams_v3
  'blocks_until_next_epoch',
  'next_epoch_start_block',
  'subnet_hyperparameters',
];

/** Share of the SDK's typed reads that the chain answers, of those that spec 393 can. */
export async function sdkReads(): Promise<Figure> {
  let python: PythonHome;
  try {
    python = await installed([`bittensor==${VERSION}`]);
  } catch (error) {
    return unmeasured('sdk-reads', '', `bittensor ${VERSION} cannot be installed here: ${error}`, HELD);
  }
  const home = await mkdtemp(join(tmpdir(), 'butterfly-sdk-'));
  const chain = await openGuestChain();
  try {
    const words = [SCRIPT, chain.url, JSON.stringify(known(chain))];
    const outcomes = lastJson(await output(python.program('python'), words, home));
    const asked = Object.entries(outcomes).filter(([name]) => !NEWER.includes(name));
    const failed = asked.filter(([, failure]) => failure !== null);
    const seen = [
      `${asked.length - failed.length} of ${asked.length}, ${Object.keys(outcomes).length} in all`,
      ...failed.map(([name, failure]) => `${name}: ${failure}`),
    ].join('; ');
    return figure('sdk-reads', (asked.length - failed.length) / asked.length, '', { ...HELD, seen });
  } finally {
    await chain.close();
    await rm(home, { recursive: true, force: true });
  }
}

/** What the reads are asked about, by the names of their parameters. */
function known({ key }: GuestChain): Record<string, unknown> {
  const [coldkey, hotkey] = [key('Alice').address, key('alice-hot').address];
  return {
    coldkey_ss58: coldkey,
    coldkey_ss58s: [coldkey, key('Bob').address],
    account_ss58: coldkey,
    hotkey_ss58: hotkey,
    hotkey_ss58s: [hotkey],
    netuid: NETUID,
    origin_netuid: NETUID,
    destination_netuid: NETUID,
    uid: 1,
    block: 1,
    lease_id: 0,
    crowdloan_id: 0,
    amount_tao: 1,
    amount_alpha: 1,
    call_hash: `0x${'11'.repeat(32)}`,
  };
}

/** The last line that is JSON: libraries print before it. @throws {SyntaxError} */
export function lastJson(text: string): Record<string, string | null> {
  const line = text.split('\n').findLast((each) => each.startsWith('{'));
  return JSON.parse(line ?? '') as Record<string, string | null>;
}
