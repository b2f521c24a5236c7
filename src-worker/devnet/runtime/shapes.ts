import type { Shape } from '../scale/types.ts';

/** Types that belong to no single pallet. Paths matter: clients find accounts, addresses and events by them. */
export const commonShapes: Readonly<Record<string, Shape>> = {
  AccountId32: { path: 'sp_core::crypto::AccountId32', fields: ['[u8; 32]'] },
  H256: { path: 'primitive_types::H256', fields: ['[u8; 32]'] },
  MultiAddress: {
    path: 'sp_runtime::multiaddress::MultiAddress',
    params: { AccountId: 'AccountId32', AccountIndex: '()' },
    variants: {
      Id: [0, ['AccountId32 as AccountId']],
      Index: [1, ['Compact<()> as AccountIndex']],
      Raw: [2, ['Vec<u8>']],
      Address32: [3, ['[u8; 32]']],
      Address20: [4, ['[u8; 20]']],
    },
  },
  MultiSignature: {
    path: 'sp_runtime::MultiSignature',
    variants: {
      Ed25519: [0, ['[u8; 64] as ed25519::Signature']],
      Sr25519: [1, ['[u8; 64] as sr25519::Signature']],
      Ecdsa: [2, ['[u8; 65] as ecdsa::Signature']],
    },
  },
  Era: { path: 'sp_runtime::generic::era::Era', variants: eraVariants() },
  Weight: {
    path: 'sp_weights::weight_v2::Weight',
    fields: { ref_time: 'Compact<u64> as u64', proof_size: 'Compact<u64> as u64' },
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
  ModuleError: {
    path: 'sp_runtime::ModuleError',
    fields: { index: 'u8', error: '[u8; 4] as [u8; MAX_MODULE_ERROR_ENCODED_SIZE]' },
  },
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
    fields: { phase: 'Phase', event: 'RuntimeEvent as E', topics: 'Vec<H256> as Vec<T>' },
  },
  RuntimeVersion: {
    path: 'sp_version::RuntimeVersion',
    fields: {
      spec_name: "CowOfText as Cow<'static, str>",
      impl_name: "CowOfText as Cow<'static, str>",
      authoring_version: 'u32',
      spec_version: 'u32',
      impl_version: 'u32',
      apis: 'CowOfApis as ApisVec',
      transaction_version: 'u32',
      system_version: 'u8',
    },
  },
  CowOfText: { path: 'Cow', params: { T: 'str' }, fields: ['str as _'] },
  CowOfApis: { path: 'Cow', params: { T: 'Vec<([u8; 8], u32)>' }, fields: ['Vec<([u8; 8], u32)> as _'] },
  OpaqueMetadata: { path: 'sp_core::OpaqueMetadata', fields: ['Vec<u8>'] },
  RuntimeDispatchInfo: {
    path: 'pallet_transaction_payment::types::RuntimeDispatchInfo',
    params: { Balance: 'u64', Weight: 'Weight' },
    fields: { weight: 'Weight', class: 'DispatchClass', partial_fee: 'u64 as Balance' },
  },
  InclusionFee: {
    path: 'pallet_transaction_payment::types::InclusionFee',
    params: { Balance: 'u64' },
    fields: { base_fee: 'u64 as Balance', len_fee: 'u64 as Balance', adjusted_weight_fee: 'u64 as Balance' },
  },
  FeeDetails: {
    path: 'pallet_transaction_payment::types::FeeDetails',
    params: { Balance: 'u64' },
    fields: { inclusion_fee: 'Option<InclusionFee> as Option<InclusionFee<Balance>>', tip: 'u64 as Balance' },
  },
  // Signed extensions: clients know their bytes by name; the types serve clients that derive them.
  CheckNonZeroSender: { path: 'frame_system::extensions::check_non_zero_sender::CheckNonZeroSender' },
  CheckSpecVersion: { path: 'frame_system::extensions::check_spec_version::CheckSpecVersion' },
  CheckTxVersion: { path: 'frame_system::extensions::check_tx_version::CheckTxVersion' },
  CheckGenesis: { path: 'frame_system::extensions::check_genesis::CheckGenesis' },
  CheckMortality: { path: 'node_subtensor_runtime::check_mortality::CheckMortality', fields: ['Era'] },
  CheckNonce: {
    path: 'node_subtensor_runtime::check_nonce::CheckNonce',
    fields: ['Compact<u32> as T::Nonce'],
  },
  CheckWeight: { path: 'frame_system::extensions::check_weight::CheckWeight' },
  ChargeTransactionPayment: {
    path: 'pallet_transaction_payment::ChargeTransactionPayment',
    fields: ['Compact<u64> as BalanceOf<T>'],
  },
  MetadataHashMode: { path: 'frame_metadata_hash_extension::Mode', variants: { Disabled: 0, Enabled: 1 } },
  CheckMetadataHash: {
    path: 'frame_metadata_hash_extension::CheckMetadataHash',
    fields: { mode: 'MetadataHashMode as Mode' },
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
  const mortal = Array.from({ length: 255 }, (_, i) => [`Mortal${i + 1}`, [i + 1, ['u8 as _']]] as const);
  return { Immortal: 0, ...Object.fromEntries(mortal) };
}
