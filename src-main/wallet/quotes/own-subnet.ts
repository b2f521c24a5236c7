import type { OwnerCall } from '../../../src-shared/chain/calls.ts';
import {
  fieldTooLong,
  identityFields,
  NO_IDENTITY,
  SUBNET_IDENTITY_BYTES,
  type SubnetIdentity,
} from '../../../src-shared/chain/subnet-identity.ts';
import type { Intent, MoneyTerms, OwnerAct, OwnerRule } from '../../../src-shared/contract/page/money.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import type { ChainCall, SubnetFacts } from '../../network/chain.ts';
import { type QuoteGround, refused, type Weighed } from './ground.ts';

type OwnSubnet = Extract<Intent, { kind: 'ownSubnet' }>;
type Changes = Extract<MoneyTerms, { kind: 'ownSubnet' }>['changes'];

/** How the chain calls a rule. */
export const ruleCalls: Readonly<Record<OwnerRule, OwnerCall>> = {
  immunityPeriod: 'AdminUtils.sudo_set_immunity_period',
  minAllowedWeights: 'AdminUtils.sudo_set_min_allowed_weights',
  activityCutoff: 'AdminUtils.sudo_set_activity_cutoff',
};

/** A change of a subnet by its owner: what stands there now, and what will. Costs the network's fee alone. */
export async function weighOwnSubnet(
  ground: QuoteGround,
  { netuid, act }: OwnSubnet,
  signal: AbortSignal,
): Promise<Weighed> {
  const { chain, at, coldkey } = ground;
  const subnet = await chain.subnet(netuid, at.hash, signal);
  if (subnet.ownerColdkey !== coldkey) return refused({ code: 'SUBNET_NOT_YOURS', params: { netuid } });
  const found = await turned(ground, netuid, act, subnet, signal);
  if ('code' in found) return refused(found);
  return {
    terms: { kind: 'ownSubnet', changes: found.changes },
    call: found.call,
    spendsRao: 0n,
    isPaidOut: false,
    undone: act.kind === 'start' ? 'never' : 'by-writing-again',
    warnings: [],
    // Emission cannot be stopped again.
    isUnusual: act.kind === 'start',
    problem: null,
    amountText: String(netuid),
    lifeBlocks: null,
  };
}

interface Turned {
  readonly call: ChainCall;
  readonly changes: Changes;
}

function turned(
  ground: QuoteGround,
  netuid: number,
  act: OwnerAct,
  subnet: SubnetFacts,
  signal: AbortSignal,
): Turned | CodedError | Promise<Turned | CodedError> {
  switch (act.kind) {
    case 'identity':
      return named(ground, netuid, act.identity, signal);
    case 'rule':
      return ruled(ground, netuid, act, signal);
    case 'start':
      return started(netuid, subnet);
  }
}

async function named(
  { chain, at }: QuoteGround,
  netuid: number,
  identity: SubnetIdentity,
  signal: AbortSignal,
): Promise<Turned | CodedError> {
  const long = fieldTooLong(identity);
  if (long)
    return { code: 'SUBNET_FIELD_TOO_LONG', params: { field: long, most: SUBNET_IDENTITY_BYTES[long] } };
  const before = (await chain.identity(netuid, at.hash, signal)) ?? NO_IDENTITY;
  const changes = identityFields
    .filter((field) => before[field] !== identity[field])
    .map((field) => ({ name: field, from: before[field], to: identity[field] }));
  if (changes.length === 0) return { code: 'SUBNET_SO_ALREADY', params: { netuid } };
  return { call: { kind: 'setSubnetIdentity', ...identity }, changes };
}

async function ruled(
  { chain, at }: QuoteGround,
  netuid: number,
  { rule, value }: Extract<OwnerAct, { kind: 'rule' }>,
  signal: AbortSignal,
): Promise<Turned | CodedError> {
  const rules = await chain.rules(netuid, at.hash, signal);
  if (!rules) return { code: 'SUBNET_ABSENT', params: { netuid, chain: 'this chain' } };
  if (rules[rule] === value) return { code: 'SUBNET_SO_ALREADY', params: { netuid } };
  return {
    call: { kind: 'setHyperparameter', call: ruleCalls[rule], value: BigInt(value) },
    changes: [{ name: rule, from: String(rules[rule]), to: String(value) }],
  };
}

function started(netuid: number, { firstEmissionBlock }: SubnetFacts): Turned | CodedError {
  if (firstEmissionBlock !== null)
    return { code: 'SUBNET_STARTED_ALREADY', params: { netuid, block: firstEmissionBlock } };
  return { call: { kind: 'startCall' }, changes: [{ name: 'emission', from: 'not started', to: 'started' }] };
}
