import { blake2b } from '@noble/hashes/blake2.js';
import { toHex } from '../scale/hex.ts';
import type { Release } from './release.ts';

/** Runtime APIs and their versions as 393 has them. */
const versions393: Readonly<Record<string, number>> = {
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

/** Runtime APIs and their versions; the metadata lists their methods. */
export const apiVersions = ({ namedHyperparameters }: Release): typeof versions393 =>
  namedHyperparameters ? { ...versions393, SubnetInfoRuntimeApi: 2 } : versions393;

const apiId = (name: string): Uint8Array => blake2b(new TextEncoder().encode(name), { dkLen: 8 });

/**
 * Spec name as on the real chain (tools branch on it) with an implementation name of our own. The version says
 * which real runtime these rules follow.
 */
export const runtimeVersion = (release: Release) => ({
  spec_name: 'node-subtensor',
  impl_name: 'butterfly-practice',
  authoring_version: 1,
  spec_version: release.specVersion,
  impl_version: 1,
  apis: Object.entries(apiVersions(release)).map(([name, version]) => [apiId(name), version] as const),
  transaction_version: 1,
  system_version: 1,
});

export type RuntimeVersion = ReturnType<typeof runtimeVersion>;

/** The same as JSON-RPC writes it. */
export const runtimeVersionJson = (version: RuntimeVersion) => ({
  specName: version.spec_name,
  implName: version.impl_name,
  authoringVersion: version.authoring_version,
  specVersion: version.spec_version,
  implVersion: version.impl_version,
  apis: version.apis.map(([id, api]) => [toHex(id), api]),
  transactionVersion: version.transaction_version,
  systemVersion: version.system_version,
  stateVersion: version.system_version,
});
