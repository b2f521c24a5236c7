import type { AccountId, OwnerAct } from '../../../src-shared/contract/page/money.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Rao, Ss58 } from '../../../src-shared/units.ts';
import type { Network } from '../../network/client.ts';
import type { MoneyDesk } from '../../wallet/desk.ts';
import type { Conversation } from '../conversation.ts';
import { moveMoney } from '../money/run-money.ts';

/** The owner of a subnet at a terminal: where their orders go, and who is asked. */
export interface OwnerAtTerminal {
  readonly desk: MoneyDesk;
  readonly network: Network;
  readonly account: AccountId;
  /** null: nothing is signed, only shown. */
  readonly talk: Conversation | null;
  say(line: string): void;
}

/** @throws {AppError} SUBNET_ABSENT, SUBNET_NOT_YOURS, or of the network */
export async function demandOwned(
  { network, account }: Pick<OwnerAtTerminal, 'network' | 'account'>,
  netuid: number,
  signal: AbortSignal,
): Promise<Ss58> {
  const subnet = await network.money.subnet(netuid, network.money.newest().hash, signal);
  if (!subnet.isThere) throw new AppError('SUBNET_ABSENT', { netuid, chain: network.endpoint });
  if (subnet.ownerColdkey !== account.coldkey) throw new AppError('SUBNET_NOT_YOURS', { netuid });
  return account.coldkey;
}

/**
 * A subnet of one's own. Its number stands in the outcome.
 * @returns whether it is done and final, or was only to be shown
 */
export async function openSubnet(
  { desk, account, talk, say }: OwnerAtTerminal,
  hotkey: Ss58,
  limitRao: Rao,
  signal: AbortSignal,
): Promise<boolean> {
  const intent = { kind: 'openSubnet', hotkey, limitRao } as const;
  return (await moveMoney(desk, { account, intent }, talk, { say, isJson: false }, signal)) === 0;
}

/**
 * One change of a subnet, as any order of money: quoted, looked over, agreed to, signed, followed.
 * @returns whether it is done and final, or was only to be shown
 */
export async function orderOfOwner(
  { desk, account, talk, say }: OwnerAtTerminal,
  netuid: number,
  act: OwnerAct,
  signal: AbortSignal,
): Promise<boolean> {
  const intent = { kind: 'ownSubnet', netuid, act } as const;
  return (await moveMoney(desk, { account, intent }, talk, { say, isJson: false }, signal)) === 0;
}
