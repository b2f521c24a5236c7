import { compactToU8a } from '@polkadot/util';
import type { OwnerCall } from '../../../src-shared/chain/calls.ts';
import { identityFields } from '../../../src-shared/chain/subnet-identity.ts';
import { publicKeyOf } from '../../../src-shared/rounds/ss58.ts';
import type { ChainCall } from '../chain.ts';

/**
 * Calls of money as Butterfly itself writes them, without a word of the node: numbers and arguments as Subtensor has had
 * them from 393 to 425. What a person reads is decoded with the node's own metadata, and a node that lies in it could
 * have one call signed under the name of another.
 */
const SUBTENSOR = 7;
const BALANCES = 5;
const ADMIN_UTILS = 19;

/** @returns every form that a runtime may take; null for a call that the money desk does not make */
export function ownBytes(netuid: number, call: ChainCall): readonly Uint8Array[] | null {
  const subtensor = (index: number, ...parts: readonly Uint8Array[]) => bytes(SUBTENSOR, index, parts);
  const net = u16(netuid);
  switch (call.kind) {
    case 'addStakeLimit': {
      const { hotkey, amountRao, limitPriceRao, allowPartial } = call;
      return [subtensor(88, key(hotkey), net, u64(amountRao), u64(limitPriceRao), flag(allowPartial))];
    }
    case 'removeStakeLimit': {
      const { hotkey, amountAlpha, limitPriceRao, allowPartial } = call;
      return [subtensor(89, key(hotkey), net, u64(amountAlpha), u64(limitPriceRao), flag(allowPartial))];
    }
    case 'removeStakeFullLimit':
      return [subtensor(103, key(call.hotkey), net, flag(true), u64(call.limitPriceRao))];
    case 'moveStake':
      return [subtensor(85, key(call.fromHotkey), key(call.toHotkey), net, net, u64(call.amountAlpha))];
    case 'transferStake':
      return [subtensor(86, key(call.toColdkey), key(call.hotkey), net, net, u64(call.amountAlpha))];
    case 'burnedRegister':
      return [subtensor(134, net, key(call.hotkey), u64(call.limitRao)), subtensor(7, net, key(call.hotkey))];
    case 'transfer':
      return [bytes(BALANCES, 3, [ID, key(call.to), compactToU8a(call.amountRao)])];
    case 'transferAll':
      return [bytes(BALANCES, 4, [ID, key(call.to), flag(call.keepAlive)])];
    case 'setSubnetIdentity':
      return [subtensor(78, net, ...identityFields.map((field) => textBytes(call[field])))];
    case 'registerNetwork':
      return [subtensor(59, key(call.hotkey))];
    case 'startCall':
      return [subtensor(92, net)];
    case 'setHyperparameter': {
      const index = RULES[call.call];
      return index === undefined || typeof call.value !== 'bigint'
        ? null
        : [bytes(ADMIN_UTILS, index, [net, u16(Number(call.value))])];
    }
    default:
      return null;
  }
}

/** Those of an owner's rules that the money desk sets: each a number of 16 bits. */
const RULES: Partial<Readonly<Record<OwnerCall, number>>> = {
  'AdminUtils.sudo_set_immunity_period': 13,
  'AdminUtils.sudo_set_min_allowed_weights': 14,
  'AdminUtils.sudo_set_activity_cutoff': 18,
};

/** Whether bytes that a node's metadata made are those that Butterfly knows; of calls that it does not know, nothing is said. */
export function isWrittenAsKnown(netuid: number, call: ChainCall, found: Uint8Array): boolean {
  const own = ownBytes(netuid, call);
  return own === null || own.some((known) => Buffer.from(known).equals(found));
}

/** A receiver by its key, which is the first of several ways. */
const ID = Uint8Array.of(0);

function bytes(pallet: number, index: number, parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Uint8Array.of(pallet, index), ...parts]);
}

function key(address: string): Uint8Array {
  const found = publicKeyOf(address);
  if (!found) throw new TypeError('addresses are checked at the door');
  return found;
}

/** Its length, then its UTF-8. */
function textBytes(text: string): Uint8Array {
  const utf8 = Buffer.from(text, 'utf8');
  return Buffer.concat([compactToU8a(utf8.length), utf8]);
}

const flag = (is: boolean): Uint8Array => Uint8Array.of(is ? 1 : 0);

function u16(value: number): Uint8Array {
  const made = Buffer.alloc(2);
  made.writeUInt16LE(value);
  return made;
}

function u64(value: bigint): Uint8Array {
  const made = Buffer.alloc(8);
  made.writeBigUInt64LE(value);
  return made;
}
