import * as v from 'valibot';
import { type AlphaRao, alphaRao, type Hex, type Rao, rao, type Ss58 } from '../../../src-shared/units.ts';
import { callRuntime } from '../runtime-call.ts';
import type { Session } from '../session.ts';
import { anyUint, parse, readMany, requiredItem, smallUint, storageItem } from '../storage.ts';
import { accountOf } from './subnet.ts';

/** An account's TAO in the state of one block. */
export interface AccountBalance {
  readonly freeRao: Rao;
  /** Set aside by the chain. */
  readonly reservedRao: Rao;
  /** Of what is free, so much must stay. */
  readonly frozenRao: Rao;
}

const accountSchema = v.object({
  data: v.object({ free: anyUint, reserved: v.optional(anyUint, 0), frozen: v.optional(anyUint, 0) }),
});

/** An account that the chain does not know has nothing. */
export async function readAccountBalance(
  session: Session,
  account: Ss58,
  at: Hex,
  signal: AbortSignal,
): Promise<AccountBalance> {
  const item = requiredItem(session, 'System', 'Account');
  const [value] = await readMany(session, [{ item, args: [account] }], at, signal);
  const { free, reserved, frozen } = parse(accountSchema, value?.toPrimitive()).data;
  return { freeRao: rao(free), reservedRao: rao(reserved), frozenRao: rao(frozen) };
}

/** Below it an account is removed. */
export const existentialDeposit = (session: Session): Rao => {
  const constants: Record<string, unknown> | undefined = session.api.consts.balances;
  const deposit = constants?.existentialDeposit as { toString(): string } | undefined;
  return rao(deposit ? parse(anyUint, deposit.toString()) : 0n);
};

/** What the chain knows of a hotkey. */
export interface HotkeyFacts {
  /** null: the chain does not know it. */
  readonly owner: Ss58 | null;
  /** Its place on the subnet; null where it has none. */
  readonly uid: number | null;
}

export async function readHotkey(
  session: Session,
  netuid: number,
  hotkey: Ss58,
  at: Hex,
  signal: AbortSignal,
): Promise<HotkeyFacts> {
  const [owner, uid] = await readMany(
    session,
    [
      { item: requiredItem(session, 'SubtensorModule', 'Owner'), args: [hotkey] },
      { item: requiredItem(session, 'SubtensorModule', 'Uids'), args: [netuid, hotkey] },
    ],
    at,
    signal,
  );
  return {
    owner: accountOf(owner?.toPrimitive()),
    uid: uid ? parse(smallUint, uid.toPrimitive()) : null,
  };
}

/** Whether a subnet's token is open and may be given to others; a runtime that does not say lets both be. */
export async function readTokenRules(
  session: Session,
  netuid: number,
  at: Hex,
  signal: AbortSignal,
): Promise<{ readonly isOpen: boolean; readonly allowsTransfer: boolean }> {
  const names = ['SubtokenEnabled', 'TransferToggle'] as const;
  const items = names.map((name) => storageItem(session, 'SubtensorModule', name));
  const present = items.flatMap((item) => (item ? [{ item, args: [netuid] }] : []));
  const values = await readMany(session, present, at, signal);
  const found = items.map((item) => {
    const value = item && values[present.findIndex((one) => one.item === item)];
    return value ? parse(v.boolean(), value.toPrimitive()) : true;
  });
  return { isOpen: found[0] ?? true, allowsTransfer: found[1] ?? true };
}

const availabilitySchema = v.record(v.string(), v.record(v.string(), v.object({ available: anyUint })));

/**
 * Of a coldkey's stake on a subnet, what no lock holds.
 * @returns null where the runtime knows no locks, or says it in a form that is not known here
 */
export async function readAvailable(
  session: Session,
  netuid: number,
  coldkey: Ss58,
  at: Hex,
  signal: AbortSignal,
): Promise<AlphaRao | null> {
  const [api, method] = ['StakeInfoRuntimeApi', 'get_stake_availability_for_coldkeys'];
  const found = await callRuntime(session, api, method, [[coldkey], [netuid]], at, signal);
  const answer = v.safeParse(availabilitySchema, found);
  const row = answer.success ? answer.output[coldkey]?.[String(netuid)] : undefined;
  return row ? alphaRao(row.available) : null;
}
