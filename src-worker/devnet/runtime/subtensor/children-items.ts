import { item } from '../item.ts';

const NETUID = ['u16', 'Identity'] as const;
const ACCOUNT = ['AccountId32', 'Blake2128Concat'] as const;

/** Hotkeys with the part of 2^64 - 1 that is theirs. */
export type Kin = readonly (readonly [part: bigint, hotkey: string])[];

/** Storage of SubtensorModule at 393 for hotkeys that others work for. */
export const childrenItems = {
  MaxChildkeyTake: item<[], number>([], 'u16', 11_796),
  MinChildkeyTake: item<[], number>([], 'u16', 0),
  ChildkeyTake: item<[string, number], number>([ACCOUNT, NETUID], 'u16', 0),
  /** What a hotkey has asked for, and the block after which it holds. */
  PendingChildKeys: item<[number, string], readonly [children: Kin, afterBlock: bigint]>(
    [NETUID, ACCOUNT],
    '(Vec<(u64, AccountId32)>, u64)',
    [[], 0n],
  ),
  ChildKeys: item<[string, number], Kin>([ACCOUNT, NETUID], 'Vec<(u64, AccountId32)>', []),
  ParentKeys: item<[string, number], Kin>([ACCOUNT, NETUID], 'Vec<(u64, AccountId32)>', []),
  PendingChildKeyCooldown: item<[], bigint>([], 'u64', 7_200n),
  TxChildkeyTakeRateLimit: item<[], bigint>([], 'u64', 216_000n),
};
