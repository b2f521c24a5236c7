import type { Shape } from '../scale/types.ts';

/** Types that belong to no single pallet. Paths matter: clients find accounts, addresses and events by them. */
export const commonShapes: Readonly<Record<string, Shape>> = {
  AccountId32: { path: 'sp_core::crypto::AccountId32', fields: ['[u8; 32]'] },
  H256: { path: 'primitive_types::H256', fields: ['[u8; 32]'] },
  MultiAddress: {
    path: 'sp_runtime::multiaddress::MultiAddress',
    params: { AccountId: 'AccountId32', AccountIndex: '()' },
    variants: {
      Id: [0, ['AccountId32']],
      Index: [1, ['Compact<()>']],
      Raw: [2, ['Vec<u8>']],
      Address32: [3, ['[u8; 32]']],
      Address20: [4, ['[u8; 20]']],
    },
  },
  MultiSignature: {
    path: 'sp_runtime::MultiSignature',
    variants: { Ed25519: [0, ['[u8; 64]']], Sr25519: [1, ['[u8; 64]']], Ecdsa: [2, ['[u8; 65]']] },
  },
  Era: { path: 'sp_runtime::generic::era::Era', variants: eraVariants() },
  Weight: {
    path: 'sp_weights::weight_v2::Weight',
    fields: { ref_time: 'Compact<u64>', proof_size: 'Compact<u64>' },
  },
  DispatchClass: {
    path: 'frame_support::dispatch::DispatchClass',
    variants: { Normal: 0, Operational: 1, Mandatory: 2 },
  },
  Pays: { path: 'frame_support::dispatch::Pays', variants: { Yes: 0, No: 1 } },
  DispatchEventInfo: {
    path: 'frame_system::DispatchEventInfo',
    fields: { weight: 'Weight', class: 'DispatchClass', pays_fee: 'Pays' },
  },
  ModuleError: { path: 'sp_runtime::ModuleError', fields: { index: 'u8', error: '[u8; 4]' } },
  TokenError: {
    path: 'sp_runtime::TokenError',
    variants: {
      FundsUnavailable: 0,
      OnlyProvider: 1,
      BelowMinimum: 2,
      CannotCreate: 3,
      UnknownAsset: 4,
      Frozen: 5,
      Unsupported: 6,
      CannotCreateHold: 7,
      NotExpendable: 8,
      Blocked: 9,
    },
  },
  ArithmeticError: {
    path: 'sp_arithmetic::ArithmeticError',
    variants: { Underflow: 0, Overflow: 1, DivisionByZero: 2 },
  },
  TransactionalError: { path: 'sp_runtime::TransactionalError', variants: { LimitReached: 0, NoLayer: 1 } },
  TrieError: {
    path: 'sp_runtime::proving_trie::TrieError',
    variants: Object.fromEntries(
      [
        'InvalidStateRoot',
        'IncompleteDatabase',
        'ValueAtIncompleteKey',
        'DecoderError',
        'InvalidHash',
        'DuplicateKey',
        'ExtraneousNode',
        'ExtraneousValue',
        'ExtraneousHashReference',
        'InvalidChildReference',
        'ValueMismatch',
        'IncompleteProof',
        'RootMismatch',
        'DecodeError',
      ].map((name, index) => [name, index]),
    ),
  },
  DispatchError: {
    path: 'sp_runtime::DispatchError',
    variants: {
      Other: 0,
      CannotLookup: 1,
      BadOrigin: 2,
      Module: [3, ['ModuleError']],
      ConsumerRemaining: 4,
      NoProviders: 5,
      TooManyConsumers: 6,
      Token: [7, ['TokenError']],
      Arithmetic: [8, ['ArithmeticError']],
      Transactional: [9, ['TransactionalError']],
      Exhausted: 10,
      Corruption: 11,
      Unavailable: 12,
      RootNotAllowed: 13,
      Trie: [14, ['TrieError']],
    },
  },
  Phase: {
    path: 'frame_system::Phase',
    variants: { ApplyExtrinsic: [0, ['u32']], Finalization: 1, Initialization: 2 },
  },
  EventRecord: {
    path: 'frame_system::EventRecord',
    params: { E: 'RuntimeEvent', T: 'H256' },
    fields: { phase: 'Phase', event: 'RuntimeEvent', topics: 'Vec<H256>' },
  },
  RuntimeVersion: {
    path: 'sp_version::RuntimeVersion',
    fields: {
      spec_name: 'str',
      impl_name: 'str',
      authoring_version: 'u32',
      spec_version: 'u32',
      impl_version: 'u32',
      apis: 'Vec<([u8; 8], u32)>',
      transaction_version: 'u32',
      system_version: 'u8',
    },
  },
  OpaqueMetadata: { path: 'sp_core::OpaqueMetadata', fields: ['Vec<u8>'] },
  RuntimeDispatchInfo: {
    path: 'pallet_transaction_payment::types::RuntimeDispatchInfo',
    fields: { weight: 'Weight', class: 'DispatchClass', partial_fee: 'u64' },
  },
  InclusionFee: {
    path: 'pallet_transaction_payment::types::InclusionFee',
    fields: { base_fee: 'u64', len_fee: 'u64', adjusted_weight_fee: 'u64' },
  },
  FeeDetails: {
    path: 'pallet_transaction_payment::types::FeeDetails',
    fields: { inclusion_fee: 'Option<InclusionFee>', tip: 'u64' },
  },
  SimSwapResult: {
    path: 'pallet_subtensor_swap_runtime_api::SimSwapResult',
    fields: {
      tao_amount: 'u64',
      alpha_amount: 'u64',
      tao_fee: 'u64',
      alpha_fee: 'u64',
      tao_slippage: 'u64',
      alpha_slippage: 'u64',
    },
  },
  StakeInfo: {
    path: 'pallet_subtensor::rpc_info::stake_info::StakeInfo',
    fields: {
      hotkey: 'AccountId32',
      coldkey: 'AccountId32',
      netuid: 'Compact<u16>',
      stake: 'Compact<u64>',
      locked: 'Compact<u64>',
      emission: 'Compact<u64>',
      tao_emission: 'Compact<u64>',
      drain: 'Compact<u64>',
      is_registered: 'bool',
    },
  },
  // Signed extensions: clients know their bytes by name; the types serve clients that derive them.
  CheckNonZeroSender: { path: 'frame_system::extensions::check_non_zero_sender::CheckNonZeroSender' },
  CheckSpecVersion: { path: 'frame_system::extensions::check_spec_version::CheckSpecVersion' },
  CheckTxVersion: { path: 'frame_system::extensions::check_tx_version::CheckTxVersion' },
  CheckGenesis: { path: 'frame_system::extensions::check_genesis::CheckGenesis' },
  CheckMortality: { path: 'frame_system::extensions::check_mortality::CheckMortality', fields: ['Era'] },
  CheckNonce: { path: 'frame_system::extensions::check_nonce::CheckNonce', fields: ['Compact<u32>'] },
  CheckWeight: { path: 'frame_system::extensions::check_weight::CheckWeight' },
  ChargeTransactionPayment: {
    path: 'pallet_transaction_payment::ChargeTransactionPayment',
    fields: ['Compact<u64>'],
  },
  MetadataHashMode: { path: 'frame_metadata_hash_extension::Mode', variants: { Disabled: 0, Enabled: 1 } },
  CheckMetadataHash: {
    path: 'frame_metadata_hash_extension::CheckMetadataHash',
    fields: { mode: 'MetadataHashMode' },
  },
};

/** Order as at 393, less four extensions that carry no bytes and that no client knows. */
export const signedExtensions: readonly (readonly [name: string, implicit: string])[] = [
  ['CheckNonZeroSender', '()'],
  ['CheckSpecVersion', 'u32'],
  ['CheckTxVersion', 'u32'],
  ['CheckGenesis', 'H256'],
  ['CheckMortality', 'H256'],
  ['CheckNonce', '()'],
  ['CheckWeight', '()'],
  ['ChargeTransactionPayment', '()'],
  ['CheckMetadataHash', 'Option<[u8; 32]>'],
];

function eraVariants(): NonNullable<Shape['variants']> {
  const mortal = Array.from({ length: 255 }, (_, i) => [`Mortal${i + 1}`, [i + 1, ['u8']]] as const);
  return { Immortal: 0, ...Object.fromEntries(mortal) };
}
