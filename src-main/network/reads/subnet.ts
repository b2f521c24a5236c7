import type { Codec } from '@polkadot/types/types';
import * as v from 'valibot';
import {
  identityFields,
  NO_IDENTITY,
  type SubnetIdentity,
} from '../../../src-shared/chain/subnet-identity.ts';
import { publicKeyOf } from '../../../src-shared/rounds/ss58.ts';
import { FULL_WEIGHT } from '../../../src-shared/scoring/weights.ts';
import { type Hex, rao, type Ss58 } from '../../../src-shared/units.ts';
import type { SubnetFacts } from '../chain.ts';
import { IDENTITY_FIELD_BYTES_MAX } from '../limits.ts';
import type { Session } from '../session.ts';
import {
  anyUint,
  parse,
  readMany,
  requiredItem,
  type StorageItem,
  smallUint,
  storageItem,
} from '../storage.ts';

/** Newest first: the item was renamed with each change of its shape, and the name field with it. */
export const IDENTITY_ITEMS = ['SubnetIdentitiesV3', 'SubnetIdentitiesV2', 'SubnetIdentities'] as const;

/** The chain's own default, for a runtime that does not say. */
const USUAL_ACTIVITY_CUTOFF = 5_000;

const identitySchema = v.nullable(v.object({ subnetName: v.pipe(v.string(), v.maxLength(1_024)) }));

const identityItem = (session: Session): StorageItem | null =>
  IDENTITY_ITEMS.map((name) => storageItem(session, 'SubtensorModule', name)).find((item) => item !== null) ??
  null;

/** The subnet's settings in the state of one block, in one request. */
export async function readSubnet(
  session: Session,
  netuid: number,
  at: Hex | null,
  signal: AbortSignal,
): Promise<SubnetFacts> {
  const required = ['Tempo', 'WeightsSetRateLimit', 'ImmunityPeriod', 'Burn', 'SubnetworkN'].map((name) => ({
    item: requiredItem(session, 'SubtensorModule', name),
    args: [netuid],
  }));
  const optional = {
    exists: storageItem(session, 'SubtensorModule', 'NetworksAdded'),
    owner: storageItem(session, 'SubtensorModule', 'SubnetOwner'),
    firstEmission: storageItem(session, 'SubtensorModule', 'FirstEmissionBlockNumber'),
    commitReveal: storageItem(session, 'SubtensorModule', 'CommitRevealWeightsEnabled'),
    maxSpace: storageItem(session, 'Commitments', 'MaxSpace'),
    identity: identityItem(session),
    minWeights: storageItem(session, 'SubtensorModule', 'MinAllowedWeights'),
    maxWeight: storageItem(session, 'SubtensorModule', 'MaxWeightsLimit'),
    weightsVersion: storageItem(session, 'SubtensorModule', 'WeightsVersionKey'),
    activityCutoff: storageItem(session, 'SubtensorModule', 'ActivityCutoff'),
  };
  const present = Object.entries(optional).flatMap(([name, item]) => (item ? [{ name, item }] : []));
  const values = await readMany(
    session,
    [...required, ...present.map(({ name, item }) => ({ item, args: name === 'maxSpace' ? [] : [netuid] }))],
    at,
    signal,
  );
  const plain = values.map((value) => value?.toPrimitive() ?? null);
  const named = new Map(present.map(({ name }, i) => [name, plain[required.length + i]]));
  return {
    isThere: parse(v.boolean(), named.get('exists') ?? true),
    name: parse(identitySchema, named.get('identity') ?? null)?.subnetName || null,
    ownerColdkey: accountOf(named.get('owner')),
    tempo: parse(smallUint, plain[0]),
    weightsSetRateLimit: parse(smallUint, plain[1]),
    immunityPeriod: parse(smallUint, plain[2]),
    burnRao: rao(parse(anyUint, plain[3])),
    neurons: parse(smallUint, plain[4]),
    firstEmissionBlock: parse(v.nullable(smallUint), named.get('firstEmission') ?? null),
    commitReveal: parse(v.boolean(), named.get('commitReveal') ?? false),
    // Without the pallet nothing may be written: zero is the truth here, not a stand-in for "unknown".
    maxCommitmentBytesPerEpoch: parse(smallUint, named.get('maxSpace') ?? 0),
    // A runtime without such a rule asks for nothing.
    minAllowedWeights: parse(smallUint, named.get('minWeights') ?? 1),
    maxWeightsLimit: parse(smallUint, named.get('maxWeight') ?? FULL_WEIGHT),
    weightsVersion: parse(smallUint, named.get('weightsVersion') ?? 0),
    activityCutoff: parse(smallUint, named.get('activityCutoff') ?? USUAL_ACTIVITY_CUTOFF),
  };
}

/** The chain's names of what a subnet says of itself. */
const identityNames: Readonly<Record<keyof SubnetIdentity, string>> = {
  ...{ name: 'subnetName', repository: 'githubRepo', contact: 'subnetContact', url: 'subnetUrl' },
  ...{ discord: 'discord', description: 'description', logoUrl: 'logoUrl', additional: 'additional' },
};

/**
 * All that a subnet says of itself; null where it says nothing. Nobody vouches for it but its owner. A field that the
 * runtime does not have is empty.
 * @throws {AppError} CHAIN_ANSWER_MALFORMED for a field longer than any chain takes
 */
export async function readIdentity(
  session: Session,
  netuid: number,
  at: Hex,
  signal: AbortSignal,
): Promise<SubnetIdentity | null> {
  const item = identityItem(session);
  const [value] = item ? await readMany(session, [{ item, args: [netuid] }], at, signal) : [];
  if (!value) return null;
  // By the bytes: as plain values a text of hex digits and bytes that are no text look the same.
  const fields = value as unknown as Readonly<Record<string, Codec | undefined>>;
  const told = identityFields.map((field) => {
    const bytes = fields[identityNames[field]]?.toU8a(true) ?? new Uint8Array();
    parse(fieldLength, bytes.length);
    return [field, Buffer.from(bytes).toString('utf8')] as const;
  });
  return { ...NO_IDENTITY, ...Object.fromEntries(told) };
}

const fieldLength = v.pipe(v.number(), v.maxValue(IDENTITY_FIELD_BYTES_MAX));

/** Names of these subnets, in one request; one without a name is absent. */
export async function readSubnetNames(
  session: Session,
  netuids: readonly number[],
  at: Hex,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, string>> {
  const item = identityItem(session);
  if (!item || netuids.length === 0) return new Map();
  const values = await readMany(
    session,
    netuids.map((netuid) => ({ item, args: [netuid] })),
    at,
    signal,
  );
  return new Map(
    netuids.flatMap((netuid, i) => {
      const name = parse(identitySchema, values[i]?.toPrimitive() ?? null)?.subnetName;
      return name ? [[netuid, name] as const] : [];
    }),
  );
}

/** The chain's default for "nobody" is the account of 32 zero bytes. */
export function accountOf(value: unknown): Ss58 | null {
  if (typeof value !== 'string') return null;
  return publicKeyOf(value)?.some((byte) => byte !== 0) ? (value as Ss58) : null;
}

export interface SubnetOwner {
  readonly coldkey: Ss58 | null;
  readonly hotkey: Ss58 | null;
}

/** A runtime that does not say names nobody. */
export async function readOwner(
  session: Session,
  netuid: number,
  at: Hex,
  signal: AbortSignal,
): Promise<SubnetOwner> {
  const items = ['SubnetOwner', 'SubnetOwnerHotkey'].map((name) =>
    storageItem(session, 'SubtensorModule', name),
  );
  const present = items.flatMap((item) => (item ? [{ item, args: [netuid] }] : []));
  const values = await readMany(session, present, at, signal);
  const [coldkey, hotkey] = items.map((item) =>
    accountOf(values[present.findIndex((one) => one.item === item)]?.toPrimitive()),
  );
  return { coldkey: coldkey ?? null, hotkey: hotkey ?? null };
}

/**
 * The block of the last epoch where the runtime keeps it, else null: then the epoch rule is the older one by block
 * number alone.
 */
export async function readLastEpochBlock(
  session: Session,
  netuid: number,
  at: Hex | null,
  signal: AbortSignal,
): Promise<number | null> {
  const item = storageItem(session, 'SubtensorModule', 'LastEpochBlock');
  if (!item) return null;
  const [value] = await readMany(session, [{ item, args: [netuid] }], at, signal);
  return value ? parse(smallUint, value.toPrimitive()) : null;
}
