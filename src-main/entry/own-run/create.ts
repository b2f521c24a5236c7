import { NO_IDENTITY } from '../../../src-shared/chain/subnet-identity.ts';
import type { OwnerAct } from '../../../src-shared/contract/page/money.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { draftProfile } from '../../../src-shared/profile/draft.ts';
import type { Consensus, Profile } from '../../../src-shared/profile/schema.ts';
import { neededRules } from '../../../src-shared/profile/subnet-rules.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { demandSameHands } from '../../join/profile-at.ts';
import { knownNetwork } from '../../network/known.ts';
import { ruleCalls } from '../../wallet/quotes/own-subnet.ts';
import { demandOwned, type OwnerAtTerminal, orderOfOwner } from './order.ts';

export interface CreateOptions {
  readonly netuid: number;
  readonly base: Consensus;
  /** null: as the base is called. */
  readonly name: string | null;
  /** null: what the subnet is called on chain. */
  readonly subnetName: string | null;
  /** null: as the base has it. */
  readonly witnesses: readonly Ss58[] | number | null;
  readonly bootstrap: readonly string[];
  readonly predecessor: Parameters<typeof draftProfile>[0]['predecessor'];
}

/** What a chain without a name is marked with: its coins are worth nothing anywhere else. */
const OWN_MARK = 'TEST';

/**
 * Prepares a subnet for a run, with its owner's consent to each change, and drafts the run's profile.
 * @returns null where a change was left or came to nothing: what was changed before stays
 * @throws {AppError} SUBNET_ABSENT, SUBNET_NOT_YOURS, SUBNET_NAME_NEEDED, PREDECESSOR_OTHER, of the desk, or of the network
 */
export async function createRun(
  owner: OwnerAtTerminal,
  options: CreateOptions,
  signal: AbortSignal,
): Promise<Profile | null> {
  const { network, say } = owner;
  const { netuid, base } = options;
  const ownerColdkey = await demandOwned(owner, netuid, signal);
  const { predecessor } = options;
  // Nobody could join by it: that is said before anything is paid for.
  if (predecessor)
    demandSameHands(predecessor.consensus, { genesis: network.genesisHash, netuid, ownerColdkey });
  const identity = (await network.money.identity(netuid, network.money.newest().hash, signal)) ?? NO_IDENTITY;
  const subnetName = options.subnetName ?? identity.name;
  if (subnetName === '') throw new AppError('SUBNET_NAME_NEEDED', { netuid });
  const acts: readonly OwnerAct[] = [
    ...(subnetName === identity.name
      ? []
      : [{ kind: 'identity', identity: { ...identity, name: subnetName } } as const]),
    ...(await rulesToTurn(owner, netuid, base, signal)),
  ];
  if (acts.length === 0) say(`Subnet ${netuid} is as the run needs it: nothing is to be changed on chain.`);
  for (const act of acts) if (!(await orderOfOwner(owner, netuid, act, signal))) return null;
  const known = knownNetwork(network.genesisHash);
  return draftProfile({
    base,
    name: options.name ?? base.name,
    chain: { genesis: network.genesisHash, netuid, subnetName, ownerColdkey },
    witnesses: witnessesOf(options.witnesses) ?? base.witnesses,
    local: {
      endpoints: [network.endpoint],
      bootstrap: [...options.bootstrap],
      mark: known ? known.mark : OWN_MARK,
    },
    predecessor,
  });
}

function witnessesOf(said: CreateOptions['witnesses']): Consensus['witnesses'] | null {
  if (said === null) return null;
  if (typeof said === 'number') return { kind: 'by-stake', count: said };
  return { kind: 'hotkeys', hotkeys: [...said] };
}

/** Rules that this runtime lets an owner turn; one that it has no call for is as good as it is. */
async function rulesToTurn(
  { network }: OwnerAtTerminal,
  netuid: number,
  base: Consensus,
  signal: AbortSignal,
): Promise<readonly OwnerAct[]> {
  const rules = await network.money.rules(netuid, network.money.newest().hash, signal);
  const calls = network.callIndexes();
  return (rules ? neededRules(base, rules) : [])
    .filter(({ rule }) => calls.has(ruleCalls[rule]))
    .map(({ rule, to }) => ({ kind: 'rule', rule, value: to }));
}
