import { splitName } from '../../scale/types.ts';

/** The whole metagraph, field by field; the selective one counts these from 0. */
export const metagraphFields: Readonly<Record<string, string>> = {
  netuid: 'Compact<u16> as Compact<NetUid>',
  name: 'Vec<Compact<u8>>',
  symbol: 'Vec<Compact<u8>>',
  identity: 'Option<SubnetIdentityV3>',
  network_registered_at: 'Compact<u64>',
  owner_hotkey: 'AccountId32 as AccountId',
  owner_coldkey: 'AccountId32 as AccountId',
  block: 'Compact<u64>',
  tempo: 'Compact<u16>',
  last_step: 'Compact<u64>',
  blocks_since_last_step: 'Compact<u64>',
  subnet_emission: 'Compact<u64>',
  alpha_in: 'Compact<u64> as Compact<AlphaBalance>',
  alpha_out: 'Compact<u64> as Compact<AlphaBalance>',
  tao_in: 'Compact<u64> as Compact<TaoBalance>',
  alpha_out_emission: 'Compact<u64> as Compact<AlphaBalance>',
  alpha_in_emission: 'Compact<u64> as Compact<AlphaBalance>',
  tao_in_emission: 'Compact<u64> as Compact<TaoBalance>',
  pending_alpha_emission: 'Compact<u64> as Compact<AlphaBalance>',
  pending_root_emission: 'Compact<u64> as Compact<TaoBalance>',
  subnet_volume: 'Compact<u128>',
  moving_price: 'FixedI128 as I96F32',
  rho: 'Compact<u16>',
  kappa: 'Compact<u16>',
  min_allowed_weights: 'Compact<u16>',
  max_weights_limit: 'Compact<u16>',
  weights_version: 'Compact<u64>',
  weights_rate_limit: 'Compact<u64>',
  activity_cutoff: 'Compact<u16>',
  max_validators: 'Compact<u16>',
  num_uids: 'Compact<u16>',
  max_uids: 'Compact<u16>',
  burn: 'Compact<u64> as Compact<TaoBalance>',
  difficulty: 'Compact<u64>',
  registration_allowed: 'bool',
  pow_registration_allowed: 'bool',
  immunity_period: 'Compact<u16>',
  min_difficulty: 'Compact<u64>',
  max_difficulty: 'Compact<u64>',
  min_burn: 'Compact<u64> as Compact<TaoBalance>',
  max_burn: 'Compact<u64> as Compact<TaoBalance>',
  adjustment_alpha: 'Compact<u64>',
  adjustment_interval: 'Compact<u16>',
  target_regs_per_interval: 'Compact<u16>',
  max_regs_per_block: 'Compact<u16>',
  serving_rate_limit: 'Compact<u64>',
  commit_reveal_weights_enabled: 'bool',
  commit_reveal_period: 'Compact<u64>',
  liquid_alpha_enabled: 'bool',
  alpha_high: 'Compact<u16>',
  alpha_low: 'Compact<u16>',
  bonds_moving_avg: 'Compact<u64>',
  hotkeys: 'Vec<AccountId32> as Vec<AccountId>',
  coldkeys: 'Vec<AccountId32> as Vec<AccountId>',
  identities: 'Vec<Option<ChainIdentityV2>> as Vec<Option<ChainIdentityOfV2>>',
  axons: 'Vec<AxonInfo>',
  active: 'Vec<bool>',
  validator_permit: 'Vec<bool>',
  pruning_score: 'Vec<Compact<u16>>',
  last_update: 'Vec<Compact<u64>>',
  emission: 'Vec<Compact<u64>> as Vec<Compact<AlphaBalance>>',
  dividends: 'Vec<Compact<u16>>',
  incentives: 'Vec<Compact<u16>>',
  consensus: 'Vec<Compact<u16>>',
  trust: 'Vec<Compact<u16>>',
  rank: 'Vec<Compact<u16>>',
  block_at_registration: 'Vec<Compact<u64>>',
  alpha_stake: 'Vec<Compact<u64>> as Vec<Compact<AlphaBalance>>',
  tao_stake: 'Vec<Compact<u64>> as Vec<Compact<TaoBalance>>',
  total_stake: 'Vec<Compact<u64>> as Vec<Compact<TaoBalance>>',
  tao_dividends_per_hotkey: 'Vec<(AccountId32, Compact<u64>)> as Vec<(AccountId, Compact<TaoBalance>)>',
  alpha_dividends_per_hotkey: 'Vec<(AccountId32, Compact<u64>)> as Vec<(AccountId, Compact<AlphaBalance>)>',
};

/** Each field but the netuid only where it was asked for. */
function selective(fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const asked = Object.entries(fields).map(([name, written]) => {
    const { expression, typeName } = splitName(written);
    return [name, name === 'netuid' ? written : `Option<${expression}> as Option<${typeName}>`];
  });
  return Object.fromEntries(asked);
}

export const selectiveMetagraph = selective({
  ...metagraphFields,
  validators: 'Vec<Compact<u16>>',
  commitments: 'Vec<(AccountId32, Vec<Compact<u8>>)> as Vec<(AccountId, Vec<Compact<u8>>)>',
});

/** Their names, each at the place by which a client asks for it. */
export const selectiveFields: readonly string[] = Object.keys(selectiveMetagraph);
