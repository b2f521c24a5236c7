import type { ApiPromise } from '@polkadot/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  alice,
  bob,
  call,
  eventNames,
  freeRao,
  key,
  NETUID,
  openRig,
  owner,
  ownerHotkey,
  query,
  type Rig,
  runtimeApi,
  stakeAlpha,
  TAO,
} from './rig.ts';

/** One chain for all: each test says in its title what it needs, and they run in order. */
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

describe('money', () => {
  test('a transfer arrives, and the fee taken is the fee shown', async () => {
    const transfer = call(api, 'balances.transferKeepAlive', bob.address, 5n * TAO);
    const shown = (await transfer.paymentInfo(alice)).partialFee.toBigInt();
    const before = await freeRao(api, alice.address);
    const result = await rig.send(transfer, alice);
    expect(result.dispatchError).toBeUndefined();
    expect(await freeRao(api, bob.address)).toBe(5n * TAO);
    expect(shown).toBeGreaterThan(0n);
    expect(before - (await freeRao(api, alice.address))).toBe(5n * TAO + shown);
    expect(eventNames(result)).toEqual(
      expect.arrayContaining([
        'balances.Withdraw',
        'balances.Transfer',
        'transactionPayment.TransactionFeePaid',
        'system.ExtrinsicSuccess',
      ]),
    );
    expect(eventNames(result).at(-1)).toBe('system.ExtrinsicSuccess');
  });

  test('a failed call keeps its fee and its nonce and leaves nothing else', async () => {
    const before = await freeRao(api, bob.address);
    expect(await rig.outcome(call(api, 'balances.transferKeepAlive', alice.address, 5n * TAO), bob)).toBe(
      'Token.FundsUnavailable',
    );
    const after = await freeRao(api, bob.address);
    expect(before - after).toBeGreaterThan(0n);
    expect(before - after).toBeLessThan(TAO / 1_000n);
    expect((await query(api, 'system.account', bob.address)).nonce.toNumber()).toBe(1);
  });

  test('a tip is charged on top of the fee shown', async () => {
    const remark = call(api, 'system.remark', '0x38');
    const shown = (await remark.paymentInfo(alice)).partialFee.toBigInt();
    const before = await freeRao(api, alice.address);
    await new Promise<void>((resolve, reject) => {
      remark
        .signAndSend(alice, { tip: 1_000n }, ({ status }) => {
          if (status.isReady) rig.seal();
          if (status.isInBlock) resolve();
        })
        .catch(reject);
    });
    expect(before - (await freeRao(api, alice.address)) - 1_000n - shown).toBeLessThanOrEqual(8n); // the tip's own bytes
  });

  test('a batch stops at its first failure and keeps what came before', async () => {
    const good = call(api, 'balances.transferKeepAlive', key('batch').address, TAO);
    const bad = call(api, 'balances.transferKeepAlive', bob.address, 1_000_000n * TAO);
    const result = await rig.send(call(api, 'utility.batch', [good, bad, good]), alice);
    expect(eventNames(result)).toContain('utility.BatchInterrupted');
    expect(await freeRao(api, key('batch').address)).toBe(TAO);
  });

  test('batchAll keeps nothing when one call fails', async () => {
    const good = call(api, 'balances.transferKeepAlive', key('batch-all').address, TAO);
    const bad = call(api, 'balances.transferKeepAlive', bob.address, 1_000_000n * TAO);
    expect(await rig.outcome(call(api, 'utility.batchAll', [good, bad]), alice)).toBe(
      'Token.FundsUnavailable',
    );
    expect(await freeRao(api, key('batch-all').address)).toBe(0n);
  });
});

describe('transactions', () => {
  test('three nonces of one account go into one block', async () => {
    const first = (await api.rpc.system.accountNextIndex(alice.address)).toNumber();
    const targets = ['one', 'two', 'three'].map((name) => key(name).address);
    const sent = targets.map((target, i) =>
      call(api, 'balances.transferKeepAlive', target, TAO).signAndSend(alice, { nonce: first + i }),
    );
    await Promise.all(sent);
    expect((await api.rpc.system.accountNextIndex(alice.address)).toNumber()).toBe(first + 3);
    await rig.seal();
    for (const target of targets) expect(await freeRao(api, target)).toBe(TAO);
    const { block } = await api.rpc.chain.getBlock();
    expect(block.extrinsics.length).toBe(4);
  });

  test('a nonce ahead waits as future and follows its forerunner into the block', async () => {
    const next = (await api.rpc.system.accountNextIndex(alice.address)).toNumber();
    const seen: string[] = [];
    const ready = Promise.withResolvers<void>();
    const later = await call(api, 'system.remark', '0x02').signAndSend(
      alice,
      { nonce: next + 1 },
      ({ status }) => {
        seen.push(status.type);
        if (status.isReady) ready.resolve();
      },
    );
    await call(api, 'system.remark', '0x01').signAndSend(alice, { nonce: next });
    await ready.promise;
    expect(seen).toEqual(['Future', 'Ready']);
    await rig.seal();
    expect((await query(api, 'system.account', alice.address)).nonce.toNumber()).toBe(next + 2);
    later();
  });

  test.each([
    ['a used nonce', { nonce: 0 }, /1010: Invalid Transaction: Transaction is outdated/],
    ['another genesis', { genesisHash: `0x${'11'.repeat(32)}` }, /bad signature/],
    [
      'a metadata hash that this chain does not compute',
      { mode: 1, metadataHash: `0x${'22'.repeat(32)}` },
      /bad signature/,
    ],
  ])('%s is refused', async (_what, signing, message) => {
    const signed = call(api, 'system.remark', '0x00').signAndSend(alice, signing as never);
    await expect(signed).rejects.toThrow(message);
  });

  test('an account that cannot pay is refused before its signature is checked', async () => {
    await expect(call(api, 'system.remark', '0x00').signAndSend(key('poor'))).rejects.toThrow(
      /Inability to pay some fees/,
    );
  });

  test('one flipped byte is a bad signature', async () => {
    const signed = await call(api, 'balances.transferKeepAlive', bob.address, TAO).signAsync(alice);
    const bytes = signed.toU8a();
    bytes[bytes.length - 5]! ^= 1;
    await expect(api.rpc.author.submitExtrinsic(`0x${Buffer.from(bytes).toString('hex')}`)).rejects.toThrow(
      /bad signature/,
    );
  });

  test('the inherent clock cannot be set by a transaction', async () => {
    await expect(call(api, 'timestamp.set', 1n).signAndSend(alice)).rejects.toThrow(
      /Transaction call is not expected/,
    );
  });

  test('the same nonce replaces only with a higher tip', async () => {
    const nonce = (await api.rpc.system.accountNextIndex(alice.address)).toNumber();
    const usurped = Promise.withResolvers<void>();
    await call(api, 'system.remark', '0x0a').signAndSend(alice, { nonce }, ({ status }) => {
      if (status.isUsurped) usurped.resolve();
    });
    await expect(call(api, 'system.remark', '0x0b').signAndSend(alice, { nonce })).rejects.toThrow(/1014/);
    await call(api, 'system.remark', '0x0c').signAndSend(alice, { nonce, tip: 5n });
    await usurped.promise;
    await rig.seal();
  });

  test.each([0, 4, 64, 256])('era %i verifies and is included', async (era) => {
    const result = await new Promise<string>((resolve, reject) => {
      call(api, 'system.remark', '0x00')
        .signAndSend(alice, { era }, ({ status }) => {
          if (status.isReady) rig.seal();
          if (status.isInBlock) resolve(status.type);
        })
        .catch(reject);
    });
    expect(result).toBe('InBlock');
  });

  test('a mortal transaction is refused when its period has passed', async () => {
    const signed = await call(api, 'system.remark', '0x00').signAsync(alice, { era: 4 });
    await rig.seal(8);
    // Its era now points at a later block, whose hash was not signed: the answer of the real chain too.
    await expect(api.rpc.author.submitExtrinsic(signed)).rejects.toThrow(/bad signature|ancient birth block/);
  });

  test('a mortal transaction that waits in the pool ends there with its period', async () => {
    const nonce = (await api.rpc.system.accountNextIndex(alice.address)).toNumber();
    const seen: string[] = [];
    const ended = Promise.withResolvers<void>();
    const late = call(api, 'system.remark', '0x0d');
    await late.signAndSend(alice, { nonce: nonce + 1, era: 8 }, ({ status }) => {
      seen.push(status.type);
      if (status.isInvalid) ended.resolve();
    });
    await rig.seal(9);
    await ended.promise;
    expect(seen).toEqual(['Future', 'Invalid']);
  });

  test('finalized follows one block behind, and finality can be held apart from sealing', async () => {
    await rig.control('devnet_finalize', false);
    const held = (await api.rpc.chain.getHeader(await api.rpc.chain.getFinalizedHead())).number.toNumber();
    await rig.seal(3);
    expect((await api.rpc.chain.getHeader(await api.rpc.chain.getFinalizedHead())).number.toNumber()).toBe(
      held,
    );
    await rig.control('devnet_finalize', true);
    const head = (await api.rpc.chain.getHeader()).number.toNumber();
    expect((await api.rpc.chain.getHeader(await api.rpc.chain.getFinalizedHead())).number.toNumber()).toBe(
      head - 1,
    );
  });

  test('finalized heads come without gaps and header hashes are those the client computes', async () => {
    const numbers: number[] = [];
    const enough = Promise.withResolvers<void>();
    const stop = await api.rpc.chain.subscribeFinalizedHeads((header) => {
      numbers.push(header.number.toNumber());
      if (numbers.length === 6) enough.resolve();
    });
    await rig.seal(5);
    await enough.promise;
    stop();
    expect(numbers).toEqual(numbers.map((_number, i) => numbers[0]! + i));
    const header = await api.rpc.chain.getHeader();
    expect(header.hash.toHex()).toBe((await api.rpc.chain.getBlockHash(header.number.toNumber())).toHex());
  });
});

describe('state', () => {
  test('api.at reads an old block, and a subscription tells each change', async () => {
    const at = await api.rpc.chain.getBlockHash();
    const before = await freeRao(api, bob.address);
    const seen: bigint[] = [];
    const changed = Promise.withResolvers<void>();
    const stop = await api.query.system!.account!(
      bob.address,
      (account: { data: { free: { toBigInt(): bigint } } }) => {
        seen.push(account.data.free.toBigInt());
        if (seen.length === 2) changed.resolve();
      },
    );
    await rig.send(call(api, 'balances.transferKeepAlive', bob.address, TAO), alice);
    await changed.promise;
    (stop as unknown as () => void)();
    expect(seen).toEqual([before, before + TAO]);
    const old = await api.at(at);
    // biome-ignore lint/suspicious/noExplicitAny: decoded by metadata
    expect(((await old.query.system!.account!(bob.address)) as any).data.free.toBigInt()).toBe(before);
  });

  test('entries pages through a map', async () => {
    const keys = await api.query.system!.account!.keys();
    expect(keys.length).toBeGreaterThan(5);
    const entries = await api.query.subtensorModule!.keys!.entries(NETUID);
    expect(entries.map(([, hotkey]) => hotkey.toString())).toContain(ownerHotkey.address);
  });

  test('the identity of the subnet is readable', async () => {
    const identity = (await query(api, 'subtensorModule.subnetIdentitiesV3', NETUID)).unwrap();
    expect(identity.subnetName.toUtf8()).toBe('Distributed Training');
  });

  test('funding takes effect in the next block and only with the token', async () => {
    await rig.control('devnet_fund', key('funded').address, (7n * TAO).toString());
    await rig.seal();
    expect(await freeRao(api, key('funded').address)).toBe(7n * TAO);
    await expect(
      (
        rig.api as never as { _rpcCore: { provider: { send(m: string, p: unknown[]): Promise<unknown> } } }
      )._rpcCore.provider.send('devnet_fund', ['wrong', key('x').address, '1000']),
    ).rejects.toThrow(/token/i);
  });
});

describe('subnet', () => {
  const miner = key('miner');

  test('registration burns the price into the pool and gives the next uid', async () => {
    const pool = (await query(api, 'subtensorModule.subnetTAO', NETUID)).toBigInt();
    const price = (await query(api, 'subtensorModule.burn', NETUID)).toBigInt();
    const result = await rig.send(call(api, 'subtensorModule.burnedRegister', NETUID, miner.address), alice);
    expect(eventNames(result)).toContain('subtensorModule.NeuronRegistered');
    expect((await query(api, 'subtensorModule.uids', NETUID, miner.address)).unwrap().toNumber()).toBe(1);
    expect((await query(api, 'subtensorModule.subnetTAO', NETUID)).toBigInt()).toBe(pool + price);
  });

  test('a hotkey registers once, and nobody registers the hotkey of another', async () => {
    expect(await rig.outcome(call(api, 'subtensorModule.burnedRegister', NETUID, miner.address), alice)).toBe(
      'subtensorModule.HotKeyAlreadyRegisteredInSubNet',
    );
    expect(
      await rig.outcome(call(api, 'subtensorModule.burnedRegister', NETUID, ownerHotkey.address), alice),
    ).toBe('subtensorModule.HotKeyAlreadyRegisteredInSubNet');
    expect(await rig.outcome(call(api, 'subtensorModule.burnedRegister', 0, key('any').address), alice)).toBe(
      'subtensorModule.RegistrationNotPermittedOnRootSubnet',
    );
  });

  test('staking waits for start_call, which only the owner may send, and only once', async () => {
    const buy = call(api, 'subtensorModule.addStakeLimit', miner.address, NETUID, TAO, TAO, false);
    expect(await rig.outcome(buy, alice)).toBe('subtensorModule.SubtokenDisabled');
    expect(await rig.outcome(call(api, 'subtensorModule.startCall', NETUID), alice)).toBe(
      'subtensorModule.NotSubnetOwner',
    );
    expect(await rig.outcome(call(api, 'subtensorModule.startCall', NETUID), owner)).toBeNull();
    expect(await rig.outcome(call(api, 'subtensorModule.startCall', NETUID), owner)).toBe(
      'subtensorModule.FirstEmissionBlockNumberAlreadySet',
    );
    expect((await query(api, 'subtensorModule.firstEmissionBlockNumber', NETUID)).isSome).toBe(true);
  });

  test('a limit order buys what was quoted', async () => {
    const quote = await runtimeApi(api, 'swapRuntimeApi.simSwapTaoForAlpha', NETUID, 10n * TAO);
    const before = await stakeAlpha(api, miner.address);
    const failed = await rig.outcome(
      call(api, 'subtensorModule.addStakeLimit', miner.address, NETUID, 10n * TAO, TAO, false),
      alice,
    );
    expect(failed).toBeNull();
    const bought = (await stakeAlpha(api, miner.address)) - before;
    // One block's emission passes between quote and order, at the same price.
    expect(Number(bought - quote.alphaAmount.toBigInt()) / Number(bought)).toBeLessThan(1e-4);
    expect(quote.taoAmount.toBigInt() + quote.taoFee.toBigInt()).toBe(10n * TAO);
  });

  test('a price beyond the limit is SlippageTooHigh, or a part where that is allowed', async () => {
    const price = (await runtimeApi(api, 'swapRuntimeApi.currentAlphaPrice', NETUID)).toBigInt();
    const limit = (price * 101n) / 100n;
    const order = (partial: boolean) =>
      call(api, 'subtensorModule.addStakeLimit', miner.address, NETUID, 1_000n * TAO, limit, partial);
    expect(await rig.outcome(order(false), alice)).toBe('subtensorModule.SlippageTooHigh');
    const before = await freeRao(api, alice.address);
    expect(await rig.outcome(order(true), alice)).toBeNull();
    expect(before - (await freeRao(api, alice.address))).toBeLessThan(10n * TAO);
    expect(
      (await runtimeApi(api, 'swapRuntimeApi.currentAlphaPrice', NETUID)).toBigInt(),
    ).toBeLessThanOrEqual((limit * 10_001n) / 10_000n);
  });

  test('unstaking gives TAO back, never more than was held', async () => {
    const info = await runtimeApi(
      api,
      'stakeInfoRuntimeApi.getStakeInfoForHotkeyColdkeyNetuid',
      miner.address,
      alice.address,
      NETUID,
    );
    const held: bigint = info.unwrap().stake.toBigInt();
    expect(held).toBe(await stakeAlpha(api, miner.address));
    expect(
      await rig.outcome(
        call(api, 'subtensorModule.removeStakeLimit', miner.address, NETUID, held * 2n, 1n, false),
        alice,
      ),
    ).toBe('subtensorModule.NotEnoughStakeToWithdraw');
    const before = await freeRao(api, alice.address);
    expect(
      await rig.outcome(
        call(api, 'subtensorModule.removeStakeLimit', miner.address, NETUID, held / 2n, 1n, false),
        alice,
      ),
    ).toBeNull();
    expect(await freeRao(api, alice.address)).toBeGreaterThan(before);
    const mine = await runtimeApi(api, 'stakeInfoRuntimeApi.getStakeInfoForColdkey', alice.address);
    expect(mine.map((each: { netuid: { toNumber(): number } }) => each.netuid.toNumber())).toEqual([NETUID]);
  });

  test('too small an order is AmountTooLow', async () => {
    expect(
      await rig.outcome(
        call(api, 'subtensorModule.addStakeLimit', miner.address, NETUID, 1_000n, TAO, false),
        alice,
      ),
    ).toBe('subtensorModule.AmountTooLow');
  });

  test('a hotkey without TAO serves its loopback axon for free, and not twice at once', async () => {
    const serve = (port: number) =>
      call(api, 'subtensorModule.serveAxon', NETUID, 1, 0x7f00_0001, port, 4, 4, 0, 0);
    expect((await serve(8091).paymentInfo(miner)).partialFee.toBigInt()).toBe(0n);
    expect(await rig.outcome(serve(0), miner)).toBe('subtensorModule.InvalidPort');
    expect(await rig.outcome(serve(8091), miner)).toBeNull();
    const axon = (await query(api, 'subtensorModule.axons', NETUID, miner.address)).unwrap();
    expect([axon.ip.toNumber(), axon.port.toNumber()]).toEqual([0x7f00_0001, 8091]);
    expect(await rig.outcome(serve(8092), miner)).toBe('subtensorModule.ServingRateLimitExceeded');
    expect(await rig.outcome(serve(8092), alice)).toBe('subtensorModule.HotKeyNotRegisteredInSubNet');
  });

  test('a commitment is one slot, stamped with its block, within the space of an epoch', async () => {
    const commit = (text: string) => {
      const bytes = Buffer.from(text);
      return call(api, 'commitments.setCommitment', NETUID, {
        fields: [{ [`Raw${bytes.length}`]: `0x${bytes.toString('hex')}` }],
      });
    };
    expect(await rig.outcome(commit('not mine'), alice)).toBe('commitments.AccountNotAllowedCommit');
    // To the first block of an epoch, so that all writes below count together.
    while (((await api.rpc.chain.getHeader()).number.toNumber() + NETUID + 2) % 11 !== 0) await rig.seal();
    const nonce = (await api.rpc.system.accountNextIndex(miner.address)).toNumber();
    const sent = Array.from({ length: 32 }, (_, i) =>
      commit(`record ${i}`).signAsync(miner, { nonce: nonce + i }),
    );
    for (const signed of await Promise.all(sent)) await api.rpc.author.submitExtrinsic(signed);
    await rig.seal();
    const held = (await query(api, 'commitments.commitmentOf', NETUID, miner.address)).unwrap();
    expect(held.block.toNumber()).toBe((await api.rpc.chain.getHeader()).number.toNumber());
    expect(Buffer.from(held.info.fields[0].asRaw9.toU8a()).toString()).toBe('record 30'); // the 32nd write was over 3,100 bytes
    expect(
      (await query(api, 'commitments.usedSpaceOf', NETUID, miner.address)).unwrap().usedSpace.toNumber(),
    ).toBe(3_100);
    expect(await rig.outcome(commit('one more'), miner)).toBe('commitments.SpaceLimitExceeded');
    await rig.seal(11);
    expect(await rig.outcome(commit('new epoch'), miner)).toBeNull();
  });
});
