import { blake2b } from '@noble/hashes/blake2.js';
import { toHex } from '../scale/hex.ts';

/** Runtime APIs and their versions; the metadata lists their methods. */
export const apiVersions: Readonly<Record<string, number>> = {
  Core: 5,
  Metadata: 2,
  TaggedTransactionQueue: 3,
  AuraApi: 1,
  AccountNonceApi: 1,
  TransactionPaymentApi: 4,
  TransactionPaymentCallApi: 3,
  DelegateInfoRuntimeApi: 1,
  NeuronInfoRuntimeApi: 1,
  SubnetInfoRuntimeApi: 1,
  StakeInfoRuntimeApi: 1,
  SubnetRegistrationRuntimeApi: 1,
  SwapRuntimeApi: 1,
};

const apiId = (name: string): Uint8Array => blake2b(new TextEncoder().encode(name), { dkLen: 8 });

/**
 * Spec name as on the real chain (tools branch on it) with an implementation name of our own. The version says
 * which real runtime these rules follow.
 */
export const runtimeVersion = {
  spec_name: 'node-subtensor',
  impl_name: 'butterfly-practice',
  authoring_version: 1,
  spec_version: 393,
  impl_version: 1,
  apis: Object.entries(apiVersions).map(([name, version]) => [apiId(name), version] as const),
  transaction_version: 1,
  system_version: 1,
};

/** The same as JSON-RPC writes it. */
export const runtimeVersionJson = {
  specName: runtimeVersion.spec_name,
  implName: runtimeVersion.impl_name,
  authoringVersion: runtimeVersion.authoring_version,
  specVersion: runtimeVersion.spec_version,
  implVersion: runtimeVersion.impl_version,
  apis: runtimeVersion.apis.map(([id, version]) => [toHex(id), version]),
  transactionVersion: runtimeVersion.transaction_version,
  systemVersion: runtimeVersion.system_version,
  stateVersion: runtimeVersion.system_version,
};
