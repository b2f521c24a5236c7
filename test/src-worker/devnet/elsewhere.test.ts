import type { ApiPromise, WsProvider } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import { u8aToHex } from '@polkadot/util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_BATCH } from '../../../src-worker/devnet/limits.ts';
import { badlySigned } from './badly-signed.ts';
import {
  alice,
  bob,
  call,
  eventNames,
  freeRao,
  key,
  NETUID,
  openRig,
  ownerHotkey,
  query,
  type Rig,
  runtimeApi,
  TAO,
} from './rig.ts';

/** What clients ask for that the app's own never does. One chain for all, in order. */
let rig: Rig;
let api: ApiPromise;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  rig = await openRig(undefined, ((step: () => Promise<void>) => cleanups.push(step)) as never);
  api = rig.api;
});
afterAll(async () => {
  for (const step of cleanups) await step();
});

/** Any JSON-RPC method, past the client's own list of them. */
// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
const ask = (method: string, ...params: unknown[]): Promise<any> =>
  (api as unknown as { _rpcCore: { provider: WsProvider } })._rpcCore.provider.send(method, params);

describe('hex and keys', () => {
  test('bytes without 0x are the same bytes', async () => {
    const number = api.query.system!.number!.key();
    const { hash } = await api.rpc.chain.getHeader();
    const plain = await ask('state_getStorage', number, hash.toHex());
    expect(await ask('state_getStorage', number.slice(2), hash.toHex().slice(2))).toBe(plain);
    expect(await ask('state_call', 'Metadata_metadata_versions', '')).toBe('0x0c0e0000000f00000010000000');
  });

  test('all keys of a prefix come without pages', async () => {
    const prefix = api.query.subtensorModule!.keys!.keyPrefix();
    const paged = await ask('state_getKeysPaged', prefix, 100);
    expect(paged).toHaveLength(1);
    expect(await ask('state_getKeys', prefix)).toEqual(paged);
  });

  test('where other chains keep their code stands a text that says what this is, and its digest follows', async () => {
    const code = await ask('state_getStorage', '0x3a636f6465');
    expect(Buffer.from(code.slice(2), 'hex').toString()).toMatch(/^Butterfly practice chain, spec 393\./);
    expect(await ask('state_getStorageHash', '0x3a636f6465')).toMatch(/^0x[0-9a-f]{64}$/);
    expect(await ask('state_getStorageHash', '0x00')).toBeNull();
  });
});

test('a batch of many requests is answered in order', async () => {
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(rig.devnet.url);
  await new Promise((resolve) => socket.once('open', resolve));
  const requests = Array.from({ length: MAX_BATCH }, (_, id) => ({
    jsonrpc: '2.0',
    id,
    method: id % 2 === 0 ? 'system_chain' : 'no_such',
    params: [],
  }));
  const answered = new Promise<string>((resolve) => socket.once('message', (text) => resolve(String(text))));
  socket.send(JSON.stringify(requests));
  const answers = JSON.parse(await answered) as { id: number; error?: unknown }[];
  expect(answers.map(({ id }) => id)).toEqual(requests.map(({ id }) => id));
  expect(answers.map(({ error }) => error === undefined)).toEqual(requests.map(({ id }) => id % 2 === 0));
  socket.close();
});

describe('whether a transaction would be taken', () => {
  /** @returns the runtime's own answer, as its client reads it */
  const validity = async (hex: string) => {
    const { hash } = await api.rpc.chain.getHeader();
    const args = `0x02${hex.slice(2)}${hash.toHex().slice(2)}`;
    const answer = await ask('state_call', 'TaggedTransactionQueue_validate_transaction', args);
    return api.createType('Result<ValidTransaction, TransactionValidityError>', answer) as unknown as {
      isOk: boolean;
      asOk: { requires: unknown[]; provides: unknown[] };
      asErr: { asInvalid: { type: string } };
    };
  };
  const remark = async (options: object, signer = alice) =>
    (await call(api, 'system.remark', '0x00').signAsync(signer, options)).toHex();

  test('a good one is, and one that is ahead says what it waits for', async () => {
    const nonce = (await query(api, 'system.account', alice.address)).nonce.toNumber();
    const now = await validity(await remark({ nonce }));
    expect([now.isOk, now.asOk.requires.length, now.asOk.provides.length]).toEqual([true, 0, 1]);
    const later = await validity(await remark({ nonce: nonce + 5 }));
    expect([later.isOk, later.asOk.requires.length]).toEqual([true, 1]);
  });

  test('a used nonce, a bad signature, no money and an era long past are refused by name', async () => {
    await rig.send(call(api, 'system.remark', '0x01'), alice);
    const used = await validity(await remark({ nonce: 0 }));
    expect(used.asErr.asInvalid.type).toBe('Stale');
    const nonce = (await query(api, 'system.account', alice.address)).nonce.toNumber();
    expect((await validity(badlySigned(nonce))).asErr.asInvalid.type).toBe('BadProof');
    const poor = key('without a single rao');
    expect((await validity(await remark({ nonce: 0 }, poor))).asErr.asInvalid.type).toBe('Payment');
    const born = await api.rpc.chain.getHeader();
    const old = await remark({ nonce, era: 4, blockHash: born.hash });
    await rig.seal(8);
    expect((await validity(old)).asErr.asInvalid.type).toMatch(/AncientBirthBlock|BadProof/);
  });

  test('bytes that are no transaction are bad parameters', async () => {
    await expect(
      ask('state_call', 'TaggedTransactionQueue_validate_transaction', `0x020400${'00'.repeat(32)}`),
    ).rejects.toThrow(/-32602/);
  });
});

describe('fees', () => {
  test('every way to ask for a fee gives the same one', async () => {
    const transfer = call(api, 'balances.transferKeepAlive', bob.address, TAO);
    const signed = await transfer.signAsync(alice, { nonce: -1 });
    const { partialFee } = await transfer.paymentInfo(alice);
    const old = await ask('payment_queryInfo', signed.toHex());
    expect(old).toMatchObject({ class: 'normal', partialFee: partialFee.toString() });
    const whole = await runtimeApi(
      api,
      'transactionPaymentCallApi.queryCallInfo',
      transfer.method.toHex(),
      signed.encodedLength,
    );
    expect(whole.partialFee.toString()).toBe(partialFee.toString());
    const byLength = await runtimeApi(api, 'transactionPaymentApi.queryLengthToFee', signed.encodedLength);
    const details = await runtimeApi(
      api,
      'transactionPaymentApi.queryFeeDetails',
      signed.toU8a(),
      signed.encodedLength,
    );
    expect(details.inclusionFee.unwrap().lenFee.toString()).toBe(byLength.toString());
  });
});

test('an error has words beside its name', () => {
  const { docs } = api.errors.subtensorModule!.HotKeyNotRegisteredInSubNet!.meta;
  expect(docs.map(String)).toEqual(['Hot key not registered in sub net']);
});

describe('batches and slots', () => {
  test('a batch is free where all that it holds is, and a proxy is charged for what is not', async () => {
    const free = call(api, 'subtensorModule.setWeights', NETUID, [0], [1], 0);
    const dear = call(api, 'balances.transferKeepAlive', bob.address, TAO);
    const fee = async (paid: ReturnType<typeof call>) =>
      (await paid.paymentInfo(alice)).partialFee.toBigInt();
    const batch = (...calls: ReturnType<typeof call>[]) => call(api, 'utility.batch', calls);
    const via = (inner: ReturnType<typeof call>) => call(api, 'proxy.proxy', bob.address, null, inner);
    expect(await fee(batch(free, free))).toBe(0n);
    expect(await fee(batch(free, dear))).toBeGreaterThan(await fee(dear));
    const bytes = (each: ReturnType<typeof call>) => BigInt(each.method.encodedLength);
    // One rao a byte; beyond that a proxy of a free call costs what it costs by itself.
    const alone = (await fee(via(free))) - bytes(free);
    expect((await fee(via(dear))) - bytes(dear) - alone).toBe(200_000_000n / 2_000n);
  });

  test('forceBatch goes on after a failure and names it', async () => {
    const there = key('force-batch');
    const good = call(api, 'balances.transferKeepAlive', there.address, TAO);
    const bad = call(api, 'balances.transferKeepAlive', there.address, 10n ** 18n);
    const result = await rig.send(call(api, 'utility.forceBatch', [good, bad, good]), alice);
    expect(eventNames(result).filter((name) => name.startsWith('utility.'))).toEqual([
      'utility.ItemCompleted',
      'utility.ItemFailed',
      'utility.ItemCompleted',
      'utility.BatchCompletedWithErrors',
    ]);
    expect(await freeRao(api, there.address)).toBe(2n * TAO);
    expect(api.consts.utility!.batchedCallsLimit!.toString()).toBe('10922');
  });

  test('two batches of the most that one may hold go into two blocks', async () => {
    const nothing = Array.from({ length: 10_922 }, () => call(api, 'system.remark', '0x'));
    const batch = call(api, 'utility.batch', nothing);
    const nonce = (await query(api, 'system.account', alice.address)).nonce.toNumber();
    for (const each of [nonce, nonce + 1]) await (await batch.signAsync(alice, { nonce: each })).send();
    const included = async () => (await api.rpc.chain.getBlock()).block.extrinsics.length - 1;
    await rig.seal();
    expect(await included()).toBe(1);
    await rig.seal();
    expect(await included()).toBe(1);
    const more = call(api, 'utility.batch', [...nothing, nothing[0]]);
    expect(await rig.outcome(more, alice)).toBe('utility.TooManyCalls');
  });

  test('the length of a slot is the block time', async () => {
    expect(api.consts.aura!.slotDuration!.toString()).toBe('1000');
    expect((await runtimeApi(api, 'auraApi.slotDuration')).toString()).toBe('1000');
  });
});

describe('keys and commitments of other kinds', () => {
  test('an account with an ed25519 key signs, and nobody signs for it', async () => {
    const keyring = new Keyring({ type: 'ed25519', ss58Format: 42 });
    const other = keyring.addFromUri('//of another kind');
    await rig.send(call(api, 'balances.transferKeepAlive', other.address, 5n * TAO), alice);
    expect(await rig.outcome(call(api, 'balances.transferKeepAlive', bob.address, TAO), other)).toBeNull();
    const signed = await call(api, 'system.remark', '0x00').signAsync(other, { nonce: -1 });
    const forged = signed.toU8a();
    forged[40]! ^= 1;
    await expect(ask('author_submitExtrinsic', u8aToHex(forged))).rejects.toThrow(/bad signature/);
  });

  test('an account with an ecdsa key signs short and long calls, and nobody signs for it', async () => {
    const keyring = new Keyring({ type: 'ecdsa', ss58Format: 42 });
    const other = keyring.addFromUri('//of a third kind');
    await rig.send(call(api, 'balances.transferKeepAlive', other.address, 5n * TAO), alice);
    expect(await rig.outcome(call(api, 'balances.transferKeepAlive', bob.address, TAO), other)).toBeNull();
    const long = call(api, 'system.remark', `0x${'38'.repeat(400)}`);
    expect(await rig.outcome(long, other)).toBeNull();
    const signed = (await call(api, 'system.remark', '0x00').signAsync(other, { nonce: -1 })).toU8a();
    const SIGNATURE_AT = 2 + 1 + 1 + 32 + 1; // after length, version, address and scheme
    const changed = (at: number, to: (byte: number) => number) => {
      const copy = signed.slice();
      copy[at] = to(copy[at]!);
      return u8aToHex(copy);
    };
    const refusals = [
      changed(SIGNATURE_AT, (byte) => byte ^ 1),
      changed(SIGNATURE_AT + 40, (byte) => byte ^ 1),
      changed(SIGNATURE_AT + 64, (byte) => byte ^ 1),
      changed(SIGNATURE_AT + 64, () => 255),
    ];
    for (const forged of refusals)
      await expect(ask('author_submitExtrinsic', forged)).rejects.toThrow(/bad signature/);
    // Ethereum counts from 27.
    await ask(
      'author_submitExtrinsic',
      changed(SIGNATURE_AT + 64, (byte) => byte + 27),
    );
  });

  test('a commitment under a time lock is told as such and listed, until another takes its place', async () => {
    const hotkey = key('owner-hotkey');
    const commit = (field: object) =>
      rig.send(call(api, 'commitments.setCommitment', NETUID, { fields: [field] }), hotkey);
    const locked = await commit({ TimelockEncrypted: { encrypted: '0x1234', reveal_round: 77 } });
    expect(eventNames(locked)).toContain('commitments.TimelockCommitment');
    const listed = async () => (await query(api, 'commitments.timelockedIndex')).toJSON();
    expect(await listed()).toEqual([[NETUID, hotkey.address]]);
    expect(eventNames(await commit({ BigRaw: '0x12' }))).toContain('commitments.Commitment');
    expect(await listed()).toEqual([]);
  });
});

describe('subnets at one look', () => {
  test('the metagraph is what storage holds', async () => {
    const metagraph = (await runtimeApi(api, 'subnetInfoRuntimeApi.getMetagraph', NETUID)).unwrap();
    expect(metagraph.netuid.toNumber()).toBe(NETUID);
    expect(metagraph.hotkeys.map(String)).toEqual([ownerHotkey.address]);
    expect(metagraph.taoIn.toBigInt()).toBe(
      (await query(api, 'subtensorModule.subnetTAO', NETUID)).toBigInt(),
    );
    expect(metagraph.maxUids.toNumber()).toBe(256);
    expect(metagraph.axons).toHaveLength(1);
    expect(Buffer.from(metagraph.name.map(Number)).toString()).toBe('Distributed Training');
  });

  test('of the selective one comes what was asked for and no more', async () => {
    const part = (
      await runtimeApi(api, 'subnetInfoRuntimeApi.getSelectiveMetagraph', NETUID, [8, 52, 72, 999])
    ).unwrap();
    expect(part.netuid.toNumber()).toBe(NETUID);
    expect(part.tempo.unwrap().toNumber()).toBe(
      (await query(api, 'subtensorModule.tempo', NETUID)).toNumber(),
    );
    expect(part.hotkeys.unwrap().map(String)).toEqual([ownerHotkey.address]);
    expect(part.validators.isSome).toBe(true);
    expect([part.name.isNone, part.coldkeys.isNone, part.commitments.isNone]).toEqual([true, true, true]);
  });

  test('an identity that was asked for stands inside what was asked for', async () => {
    // Answer, netuid 38, no name, no symbol, then: asked for, and there.
    const answer = await ask('state_call', 'SubnetInfoRuntimeApi_get_selective_metagraph', '0x2600040300');
    expect(answer.slice(0, 14)).toBe('0x019800000101');
  });

  test('there is nothing to say of a subnet that is not', async () => {
    for (const name of ['getMetagraph', 'getDynamicInfo', 'getSubnetHyperparamsV2', 'getSubnetState'])
      expect((await runtimeApi(api, `subnetInfoRuntimeApi.${name}`, 7)).isNone).toBe(true);
    expect(await runtimeApi(api, 'neuronInfoRuntimeApi.getNeurons', 7)).toHaveLength(0);
    expect((await runtimeApi(api, 'neuronInfoRuntimeApi.getNeuron', NETUID, 9)).isNone).toBe(true);
  });

  test('every list of subnets names the same ones, and their settings and prices agree', async () => {
    const lists = await Promise.all(
      ['getAllDynamicInfo', 'getSubnetsInfoV2', 'getAllMetagraphs'].map((name) =>
        runtimeApi(api, `subnetInfoRuntimeApi.${name}`),
      ),
    );
    for (const list of lists)
      expect(
        list.map((each: never) => (each as { unwrap(): { netuid: object } }).unwrap().netuid.toString()),
      ).toEqual(['0', String(NETUID)]);
    const settings = (await runtimeApi(api, 'subnetInfoRuntimeApi.getSubnetHyperparamsV2', NETUID)).unwrap();
    expect(settings.yumaVersion.toNumber()).toBe(3);
    expect(settings.alphaSigmoidSteepness.bits.toBigInt()).toBe(1_000n << 32n);
    const prices = await runtimeApi(api, 'swapRuntimeApi.currentAlphaPriceAll');
    expect(prices[0].price.toString()).toBe(String(TAO));
    expect(prices[1].price.toString()).toBe(
      (await runtimeApi(api, 'swapRuntimeApi.currentAlphaPrice', NETUID)).toString(),
    );
  });

  test('a registered neuron and its stake are told alike by all who tell of them', async () => {
    await rig.send(call(api, 'subtensorModule.burnedRegister', NETUID, bob.address), alice);
    await rig.send(call(api, 'subtensorModule.startCall', NETUID), key('owner'));
    await rig.send(call(api, 'subtensorModule.addStake', bob.address, NETUID, 10n * TAO), alice);
    const [neuron] = (await runtimeApi(api, 'neuronInfoRuntimeApi.getNeuronsLite', NETUID)).slice(1);
    expect(neuron.hotkey.toString()).toBe(bob.address);
    const stakes = await runtimeApi(api, 'stakeInfoRuntimeApi.getStakeInfoForColdkeys', [alice.address]);
    expect(stakes[0][1][0].stake.toBigInt()).toBe(neuron.stake[0][1].toBigInt());
    const delegate = (await runtimeApi(api, 'delegateInfoRuntimeApi.getDelegate', bob.address)).unwrap();
    expect(delegate.nominators[0][0].toString()).toBe(alice.address);
    expect(delegate.nominators[0][1][0][1].toBigInt()).toBe(neuron.stake[0][1].toBigInt());
    const all = await runtimeApi(api, 'delegateInfoRuntimeApi.getDelegates');
    expect(all).toHaveLength(2);
    const delegated = await runtimeApi(api, 'delegateInfoRuntimeApi.getDelegated', alice.address);
    expect(delegated[0][1][0].toNumber()).toBe(NETUID);
  });

  test('the fee of a stake is what the market takes of it', async () => {
    const destination = [bob.address, NETUID];
    const fee = await runtimeApi(
      api,
      'stakeInfoRuntimeApi.getStakeFee',
      null,
      alice.address,
      destination,
      alice.address,
      10n * TAO,
    );
    const swap = await runtimeApi(api, 'swapRuntimeApi.simSwapTaoForAlpha', NETUID, 10n * TAO);
    expect(fee.toString()).toBe(swap.taoFee.toString());
    const rate = (await query(api, 'swap.feeRate', NETUID)).toBigInt();
    expect(fee.toBigInt()).toBe((10n * TAO * rate) / 65_535n);
  });
});
