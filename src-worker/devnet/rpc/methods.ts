import type { Chain } from '../chain/chain.ts';
import { decodeExtrinsic } from '../chain/extrinsic.ts';
import { type Block, hash256, headerJson } from '../chain/header.ts';
import { accountOf } from '../chain/ss58.ts';
import { MAX_EXTRINSIC_BYTES, MAX_KEYS, MAX_PAGE_KEYS } from '../limits.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { runtimeVersionJson } from '../runtime/version.ts';
import { toHex } from '../scale/hex.ts';
import { ScaleError } from '../scale/wire.ts';
import { invalidParams, RpcFailure, tooMany, unknownBlock } from './failure.ts';
import { feeCall, paymentInfo } from './fee-calls.ts';
import {
  hashParam,
  hexParam,
  isAbsent,
  keyParam,
  keysParam,
  numberParam,
  type Params,
  textParam,
} from './params.ts';
import { validityCall } from './validity-calls.ts';

export type Method = (params: Params) => unknown;

const U32_MAX = 0xffff_ffff;

/** Every request that is answered at once, by its name. */
export function plainMethods(chain: Chain): Record<string, Method> {
  const methods: Record<string, Method> = {
    system_name: () => 'Butterfly practice chain',
    system_version: () => '0.1.0',
    system_chain: () => 'Butterfly Practice',
    system_chainType: () => ({ Custom: 'Practice' }),
    system_properties: () => ({ ss58Format: 42, tokenDecimals: 9, tokenSymbol: 'TAO' }),
    system_health: () => ({ peers: 0, isSyncing: false, shouldHavePeers: false }),
    system_accountNextIndex: ([address]) => nextIndex(chain, address),
    chain_getBlockHash: ([number]) => blockHash(chain, number),
    chain_getHeader: ([hash]) => headerAt(chain, hash),
    chain_getBlock: ([hash]) => blockAt(chain, hash),
    chain_getFinalizedHead: () => chain.hashOf(chain.finalizedNumber),
    state_getRuntimeVersion: ([hash]) => runtimeVersionJson(runtimeAt(chain, hash).version),
    // Real nodes answer version 14 here; clients that can do better ask the runtime API.
    state_getMetadata: ([hash]) => toHex(runtimeAt(chain, hash).metadata(14)),
    state_getStorage: ([key, hash]) => storageHex(chain, keyParam(key), stateNumber(chain, hash)),
    state_getStorageSize: ([key, hash]) =>
      chain.states.read(keyParam(key), stateNumber(chain, hash))?.length ?? null,
    state_getStorageHash: ([key, hash]) => {
      const value = chain.states.read(keyParam(key), stateNumber(chain, hash));
      return value && toHex(hash256(value));
    },
    state_getKeys: (params) => allKeys(chain, params),
    state_getKeysPaged: (params) => keysPaged(chain, params),
    state_queryStorageAt: ([keys, hash]) => [changeSet(chain, keysParam(keys), stateNumber(chain, hash))],
    state_call: (params) => stateCall(chain, params),
    payment_queryInfo: ([bytes, hash]) =>
      paymentInfo(runtimeAt(chain, hash), hexParam(bytes, 'extrinsic', MAX_EXTRINSIC_BYTES), decodeExtrinsic),
    author_submitExtrinsic: ([bytes]) => chain.submit(hexParam(bytes, 'extrinsic', MAX_EXTRINSIC_BYTES)).hash,
    author_pendingExtrinsics: () => chain.transactions.pending().map(({ bytes }) => toHex(bytes)),
  };
  const aliases = {
    account_nextIndex: 'system_accountNextIndex',
    chain_getHead: 'chain_getBlockHash',
    chain_getFinalisedHead: 'chain_getFinalizedHead',
    chain_getRuntimeVersion: 'state_getRuntimeVersion',
    state_getStorageAt: 'state_getStorage',
    state_getStorageSizeAt: 'state_getStorageSize',
    state_getStorageHashAt: 'state_getStorageHash',
    state_getKeysPagedAt: 'state_getKeysPaged',
    state_callAt: 'state_call',
  };
  for (const [alias, name] of Object.entries(aliases)) methods[alias] = methods[name]!;
  return methods;
}

function nextIndex(chain: Chain, address: unknown): number {
  const account = accountParam(address);
  return chain.transactions.nextNonce(account, chain.nonceOf(account));
}

/** @throws {RpcFailure} for anything that is no address. */
export function accountParam(address: unknown): string {
  try {
    return accountOf(textParam(address, 'address', 64));
  } catch {
    throw invalidParams('address');
  }
}

/** Block number of a hash, or the head; only blocks whose state is still kept. */
function stateNumber(chain: Chain, hash: unknown): number {
  if (isAbsent(hash)) return chain.headNumber;
  const number = chain.numberOf(hashParam(hash));
  if (number === null || number < chain.states.oldest) throw unknownBlock();
  return number;
}

/** The runtime by which a block's state is read. */
const runtimeAt = (chain: Chain, hash: unknown): Runtime => chain.states.runtimeAt(stateNumber(chain, hash));

function blockHash(chain: Chain, number: unknown): unknown {
  if (isAbsent(number)) return chain.head.hash;
  if (Array.isArray(number))
    return number.slice(0, MAX_PAGE_KEYS).map((each) => blockHash(chain, isAbsent(each) ? -1 : each));
  if (typeof number === 'string' && /^0x[0-9a-f]{1,8}$/i.test(number)) return chain.hashOf(Number(number));
  return chain.hashOf(numberParam(number, 'block number', U32_MAX));
}

function blockOf(chain: Chain, hash: unknown): Block | null {
  if (isAbsent(hash)) return chain.head;
  const number = chain.numberOf(hashParam(hash));
  return number === null ? null : chain.block(number);
}

function headerAt(chain: Chain, hash: unknown): unknown {
  const block = blockOf(chain, hash);
  return block && headerJson(block.header);
}

function blockAt(chain: Chain, hash: unknown): unknown {
  const block = blockOf(chain, hash);
  return (
    block && {
      block: { header: headerJson(block.header), extrinsics: block.extrinsics.map(toHex) },
      justifications: null,
    }
  );
}

export const storageHex = (chain: Chain, key: string, block: number): string | null => {
  const value = chain.states.read(key, block);
  return value && toHex(value);
};

export const changeSet = (chain: Chain, keys: readonly string[], block: number) => ({
  block: chain.hashOf(block),
  changes: keys.map((key) => [key, storageHex(chain, key, block)]),
});

/** All keys at once. @throws {RpcFailure} where they are more than one answer should hold */
function allKeys(chain: Chain, [prefix, hash]: Params): string[] {
  const keys = chain.states.keys(isAbsent(prefix) ? '0x' : keyParam(prefix), stateNumber(chain, hash));
  if (keys.length > MAX_KEYS) throw tooMany('keys: ask for them by page');
  return keys;
}

/** Sorted keys strictly after `startKey`. */
function keysPaged(chain: Chain, [prefix, count, startKey, hash]: Params): string[] {
  const limit = numberParam(count, 'count', MAX_PAGE_KEYS);
  const keys = chain.states.keys(isAbsent(prefix) ? '0x' : keyParam(prefix), stateNumber(chain, hash));
  const from = isAbsent(startKey) ? '' : keyParam(startKey);
  const first = keys.findIndex((key) => key > from);
  return first < 0 ? [] : keys.slice(first, first + limit);
}

function stateCall(chain: Chain, [name, args, hash]: Params): string {
  const method = textParam(name, 'runtime API', 128);
  const bytes = hexParam(args, 'arguments', MAX_EXTRINSIC_BYTES);
  const number = stateNumber(chain, hash);
  const runtime = chain.states.runtimeAt(number);
  try {
    const answer =
      feeCall(runtime, method, bytes, decodeExtrinsic) ??
      validityCall(chain, method, bytes, number) ??
      runtime.stateCall(method, bytes, chain.states.storeAt(number));
    if (answer) return toHex(answer);
  } catch (thrown) {
    if (thrown instanceof ScaleError) throw invalidParams(thrown.message);
    throw thrown;
  }
  throw new RpcFailure(4003, `Client error: Execution failed: Exported method ${method} is not found`);
}
