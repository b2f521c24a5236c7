/**
 * Where a call takes money beyond its fee. `in`: into a subnet, which is proved to be the expected one first. `out`:
 * out of a subnet or to another of its hotkeys, which is never barred. `away`: to somebody else, or for good.
 */
export type Money = 'none' | 'in' | 'out' | 'away';

interface CallTraits {
  /** A key signs no call that is not its own. */
  readonly signedBy: 'hotkey' | 'coldkey';
  readonly money: Money;
}

const coldkey = (money: Money) => ({ signedBy: 'coldkey', money }) as const;
const hotkey = { signedBy: 'hotkey', money: 'none' } as const;

/** Rules of a subnet that its owner sets with one value each, and how the chain calls that value. */
export const ownerCalls = {
  'AdminUtils.sudo_set_activity_cutoff': 'activityCutoff',
  'AdminUtils.sudo_set_bonds_moving_average': 'bondsMovingAverage',
  'AdminUtils.sudo_set_commit_reveal_weights_enabled': 'enabled',
  'AdminUtils.sudo_set_commit_reveal_weights_interval': 'interval',
  'AdminUtils.sudo_set_immunity_period': 'immunityPeriod',
  'AdminUtils.sudo_set_liquid_alpha_enabled': 'enabled',
  'AdminUtils.sudo_set_max_burn': 'maxBurn',
  'AdminUtils.sudo_set_min_allowed_weights': 'minAllowedWeights',
  'AdminUtils.sudo_set_min_burn': 'minBurn',
  'AdminUtils.sudo_set_network_registration_allowed': 'registrationAllowed',
  'AdminUtils.sudo_set_owner_immune_neuron_limit': 'immuneNeurons',
  'AdminUtils.sudo_set_rho': 'rho',
  'AdminUtils.sudo_set_serving_rate_limit': 'servingRateLimit',
  'AdminUtils.sudo_set_toggle_transfer': 'toggle',
  'AdminUtils.sudo_set_weights_version_key': 'weightsVersionKey',
  'AdminUtils.sudo_set_yuma3_enabled': 'enabled',
} as const;

export type OwnerCall = keyof typeof ownerCalls;

const hyperparameters = Object.fromEntries(
  Object.keys(ownerCalls).map((name) => [name, coldkey('none')]),
) as Record<OwnerCall, CallTraits>;

/** The calls that Butterfly makes, by the chain's own names. */
export const chainCalls = {
  'Balances.transfer_keep_alive': coldkey('away'),
  'Balances.transfer_all': coldkey('away'),
  'SubtensorModule.burned_register': coldkey('in'),
  'SubtensorModule.register_limit': coldkey('in'),
  'SubtensorModule.add_stake_limit': coldkey('in'),
  'SubtensorModule.remove_stake_limit': coldkey('out'),
  'SubtensorModule.remove_stake_full_limit': coldkey('out'),
  'SubtensorModule.swap_stake_limit': coldkey('in'),
  'SubtensorModule.move_stake': coldkey('out'),
  'SubtensorModule.transfer_stake': coldkey('away'),
  'SubtensorModule.claim_root': coldkey('none'),
  'SubtensorModule.set_coldkey_auto_stake_hotkey': coldkey('none'),
  'SubtensorModule.swap_hotkey': coldkey('in'),
  'SubtensorModule.register_network': coldkey('away'),
  'SubtensorModule.set_subnet_identity': coldkey('none'),
  'SubtensorModule.start_call': coldkey('none'),
  ...hyperparameters,
  'SubtensorModule.serve_axon': hotkey,
  'SubtensorModule.set_weights': hotkey,
  'SubtensorModule.set_mechanism_weights': hotkey,
  'SubtensorModule.commit_timelocked_weights': hotkey,
  'SubtensorModule.commit_timelocked_mechanism_weights': hotkey,
  'SubtensorModule.commit_weights': hotkey,
  'SubtensorModule.commit_mechanism_weights': hotkey,
  'SubtensorModule.reveal_weights': hotkey,
  'SubtensorModule.reveal_mechanism_weights': hotkey,
  'Commitments.set_commitment': hotkey,
} as const satisfies Readonly<Record<string, CallTraits>>;

export type CallName = keyof typeof chainCalls;

export const callNames = Object.keys(chainCalls) as readonly CallName[];

/** The calls that a key of this kind may sign. */
export const callsOf = (signedBy: CallTraits['signedBy']): readonly CallName[] =>
  callNames.filter((name) => chainCalls[name].signedBy === signedBy);
