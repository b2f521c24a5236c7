import type { Call } from '../pallet.ts';

/** What a proxy may do for another account, by number, as at 393. */
export const proxyKinds = {
  Any: 0,
  Owner: 1,
  NonCritical: 2,
  NonTransfer: 3,
  Senate: 4,
  NonFungible: 5,
  Triumvirate: 6,
  Governance: 7,
  Staking: 8,
  Registration: 9,
  Transfer: 10,
  SmallTransfer: 11,
  RootWeights: 12,
  ChildKeys: 13,
  SudoUncheckedSetCode: 14,
  SwapHotkey: 15,
  SubnetLeaseBeneficiary: 16,
  RootClaim: 17,
} as const;

export type ProxyKind = keyof typeof proxyKinds;

type Allows = (call: Call) => boolean;

/** Rao of TAO or of alpha: a small transfer is of less. */
const SMALL_TRANSFER = 500_000_000n;

const nobody: Allows = () => false;
const named = ({ type, value }: Call): string => `${type}.${value.type}`;
const subtensor = (...calls: readonly string[]): string[] => calls.map((call) => `SubtensorModule.${call}`);
const only = (...names: readonly string[]): Allows => {
  const allowed = new Set(names);
  return (call) => allowed.has(named(call));
};
const allBut = (isBarred: Allows): Allows => {
  return (call) => !isBarred(call);
};

const isBalances: Allows = ({ type }) => type === 'Balances';
const coldkeySwaps = subtensor('schedule_swap_coldkey', 'swap_coldkey');
const stakes = subtensor(
  'add_stake',
  'add_stake_limit',
  'remove_stake',
  'remove_stake_limit',
  'remove_stake_full_limit',
  'unstake_all',
  'unstake_all_alpha',
  'swap_stake',
  'swap_stake_limit',
  'move_stake',
);
const movesAway = only(...subtensor('transfer_stake'), ...coldkeySwaps);
const movesValue = only(
  ...stakes,
  ...subtensor('transfer_stake', 'burned_register', 'root_register', 'swap_hotkey'),
  ...coldkeySwaps,
);
const transfers = ['transfer_keep_alive', 'transfer_allow_death'].map((call) => `Balances.${call}`);
const leaseSettings = [
  'serving_rate_limit',
  'min_difficulty',
  'max_difficulty',
  'weights_version_key',
  'adjustment_alpha',
  'immunity_period',
  'min_allowed_weights',
  'kappa',
  'rho',
  'activity_cutoff',
  'network_registration_allowed',
  'network_pow_registration_allowed',
  'max_burn',
  'bonds_moving_average',
  'bonds_penalty',
  'commit_reveal_weights_enabled',
  'liquid_alpha_enabled',
  'alpha_values',
  'commit_reveal_weights_interval',
  'toggle_transfer',
].map((setting) => `AdminUtils.sudo_set_${setting}`);

function isSmallTransfer(call: Call): boolean {
  const { value } = call.value;
  if (transfers.includes(named(call))) return value.value < SMALL_TRANSFER;
  return named(call) === 'SubtensorModule.transfer_stake' && value.alpha_amount < SMALL_TRANSFER;
}

function isOwners(call: Call): boolean {
  if (call.type === 'AdminUtils') return call.value.type !== 'sudo_set_sn_owner_hotkey';
  return (
    named(call) === 'SubtensorModule.set_subnet_identity' || named(call) === 'SubtensorModule.update_symbol'
  );
}

/**
 * The calls that each kind is good for, by the call filter of Subtensor's runtime. Kinds that it has given up, and
 * that of its superuser, which this chain does not have, are good for none.
 */
const allowances: Readonly<Record<ProxyKind, Allows>> = {
  Any: () => true,
  Owner: isOwners,
  NonCritical: allBut(only(...subtensor('dissolve_network', 'root_register', 'burned_register'))),
  NonTransfer: allBut((call) => isBalances(call) || movesAway(call)),
  Senate: nobody,
  NonFungible: allBut((call) => isBalances(call) || movesValue(call)),
  Triumvirate: nobody,
  Governance: nobody,
  Staking: only(...stakes),
  Registration: only(...subtensor('burned_register', 'register')),
  Transfer: only(...transfers, 'Balances.transfer_all', ...subtensor('transfer_stake')),
  SmallTransfer: isSmallTransfer,
  RootWeights: nobody,
  ChildKeys: only(...subtensor('set_children', 'set_childkey_take')),
  SudoUncheckedSetCode: nobody,
  SwapHotkey: only(...subtensor('swap_hotkey')),
  SubnetLeaseBeneficiary: only(...subtensor('start_call'), ...leaseSettings),
  RootClaim: only(...subtensor('claim_root', 'set_root_claim_type')),
};

/** Whether one kind may do all that another may, and so hand the other on. */
export function isSuperset(kind: ProxyKind, other: ProxyKind): boolean {
  if (kind === other || kind === 'Any') return true;
  if (other === 'Any') return false;
  if (kind === 'NonTransfer') return other !== 'Transfer' && other !== 'SmallTransfer';
  return kind === 'Transfer' && other === 'SmallTransfer';
}

/** Whether a proxy of this kind may make a call for another account. It hands on no more than it has. */
export function isProxyable(kind: ProxyKind, call: Call): boolean {
  if (call.type === 'Proxy') {
    const { type, value } = call.value;
    if ((type === 'add_proxy' || type === 'remove_proxy') && !isSuperset(kind, value.proxy_type.type))
      return false;
    if ((type === 'remove_proxies' || type === 'kill_pure') && kind !== 'Any') return false;
  }
  return allowances[kind](call);
}
