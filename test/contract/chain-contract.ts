import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BlockRef, Chain, ChainCall, Signer, TxFate } from '../../src-main/network/chain.ts';
import { hex, RAO_PER_TAO, rao } from '../../src-shared/units.ts';

/** A chain on which one subnet stands: its owner's hotkey is uid 0, emission has not begun. */
export interface ChainBench {
  readonly chain: Chain;
  readonly keys: ChainKeys;
  /** Seals blocks one after the other until the work has ended. */
  sealing<T>(work: Promise<T>): Promise<T>;
  /** Submits it so that no block up to `lastBlock` holds it. */
  lose(call: ChainCall, signer: Signer, lastBlock: number): Promise<TxFate>;
  stop(): Promise<void>;
}

/** Coldkeys hold 1,000 TAO each. */
export interface ChainKeys {
  readonly owner: Signer;
  readonly ownerHotkey: Signer;
  readonly miner: Signer;
  readonly minerHotkey: Signer;
}

const START_RAO = 1_000_000_000_000n;
const limitRao = rao(START_RAO);
const field = (fill: number) => new Uint8Array(77).fill(fill);

/** What the host may expect of a chain. The tests of one bench run in order on one chain. */
export function chainContract(name: string, open: () => Promise<ChainBench>): void {
  describe(`the chain ${name}`, () => {
    const { signal } = new AbortController();
    let bench: ChainBench;
    let chain: Chain;
    let keys: ChainKeys;
    let registered: number;

    const submit = (call: ChainCall, signer: Signer) => bench.sealing(chain.submit(call, signer, signal));
    /** Submits what has to succeed. @returns block and hash */
    async function done(call: ChainCall, signer: Signer) {
      const fate = await submit(call, signer);
      if (fate.kind !== 'finalized') throw new Error(JSON.stringify(fate));
      return fate;
    }
    const final = (fits: (block: BlockRef) => boolean) =>
      bench.sealing(
        new Promise<BlockRef>((resolve) => {
          const off = chain.on('finalized', (block) => {
            if (!fits(block)) return;
            off();
            resolve(block);
          });
        }),
      );

    beforeAll(async () => {
      bench = await open();
      ({ chain, keys } = bench);
      const call = { kind: 'burnedRegister', hotkey: keys.minerHotkey.address, limitRao } as const;
      registered = (await done(call, keys.miner)).block;
    });
    afterAll(() => bench.stop());

    it('tells heads in order and final blocks without gaps, none before its head', async () => {
      const heads: number[] = [];
      const finals: BlockRef[] = [];
      const early: BlockRef[] = [];
      const offHead = chain.on('head', ({ number }) => heads.push(number));
      const offFinal = chain.on('finalized', (block) => {
        finals.push(block);
        if (block.number > (chain.head?.number ?? -1)) early.push(block);
      });
      const from = chain.head?.number ?? 0;
      await final(({ number }) => number >= from + 6);
      offHead();
      offFinal();
      expect(heads.length).toBeGreaterThanOrEqual(6);
      expect(heads).toEqual([...new Set(heads)].sort((a, b) => a - b));
      expect(finals.map(({ number }) => number)).toEqual(finals.map((_, i) => (finals[0]?.number ?? 0) + i));
      expect(early).toEqual([]);
      for (const { number, hash } of finals) expect(await chain.blockHash(number, signal)).toBe(hash);
    });

    it('knows the newest final block that it told of', async () => {
      const told = await final(() => true);
      expect(chain.finalized?.number).toBeGreaterThanOrEqual(told.number);
      expect(chain.connected).toBe(true);
    });

    it('tells nothing more to who has unsubscribed', async () => {
      const told: BlockRef[] = [];
      chain.on('finalized', (block) => told.push(block))();
      const from = chain.finalized?.number ?? 0;
      await final(({ number }) => number > from);
      expect(told).toEqual([]);
    });

    it('keeps commitment fields byte for byte, with the block that holds them', async () => {
      const fields = [new TextEncoder().encode('plain text'), field(200)];
      const { block } = await done({ kind: 'setCommitment', fields }, keys.minerHotkey);
      const slots = await chain.commitments([keys.minerHotkey.address], null, signal);
      expect(slots.get(keys.minerHotkey.address)).toEqual({ block, fields });
    });

    it('says where a hotkey answers, and nothing of one that never said so', async () => {
      const hotkeys = [keys.ownerHotkey.address, keys.minerHotkey.address];
      const { blockHash } = await done(
        { kind: 'serveAxon', ip: '203.0.113.9', port: 4_001, version: 1 },
        keys.minerHotkey,
      );
      const axons = await chain.axons(hotkeys, blockHash, signal);
      expect([...axons]).toEqual([[keys.minerHotkey.address, { ip: '203.0.113.9', port: 4_001 }]]);
    });

    it('has no slot for a hotkey that committed nothing', async () => {
      const slots = await chain.commitments(
        [keys.ownerHotkey.address, keys.minerHotkey.address],
        null,
        signal,
      );
      expect([...slots.keys()]).toEqual([keys.minerHotkey.address]);
    });

    it('reads a slot at a block as it was then, after it has been overwritten', async () => {
      const hotkey = keys.minerHotkey.address;
      const first = await done({ kind: 'setCommitment', fields: [field(1)] }, keys.minerHotkey);
      const second = await done({ kind: 'setCommitment', fields: [field(2)] }, keys.minerHotkey);
      const before = (await chain.commitments([hotkey], first.blockHash, signal)).get(hotkey);
      const after = (await chain.commitments([hotkey], second.blockHash, signal)).get(hotkey);
      expect(before).toEqual({ block: first.block, fields: [field(1)] });
      expect(after).toEqual({ block: second.block, fields: [field(2)] });
    });

    it('refuses a commitment of a key that is no neuron', async () => {
      const fate = await submit({ kind: 'setCommitment', fields: [field(3)] }, keys.miner);
      expect(fate).toMatchObject({
        kind: 'refused',
        module: 'Commitments',
        error: 'AccountNotAllowedCommit',
      });
    });

    it('lists neurons by uid, a new one with its coldkey and block', async () => {
      const neurons = await chain.metagraph(null, signal);
      expect(neurons.map(({ uid, hotkey }) => [uid, hotkey])).toEqual([
        [0, keys.ownerHotkey.address],
        [1, keys.minerHotkey.address],
      ]);
      expect(neurons[1]).toMatchObject({ coldkey: keys.miner.address, registeredAt: registered });
      expect((await chain.subnet(null, signal)).neurons).toBe(2);
    });

    it('lists the neurons of an earlier block as they were then', async () => {
      expect(await chain.metagraph(chain.genesisHash, signal)).toHaveLength(1);
    });

    it('refuses a registration that costs more than the limit before anything is signed', async () => {
      const signed: Uint8Array[] = [];
      const sign = async (payload: Uint8Array) => {
        signed.push(payload);
        return keys.miner.sign(payload);
      };
      const hotkey = keys.owner.address;
      const call = { kind: 'burnedRegister', hotkey, limitRao: rao(0n) } as const;
      const fate = await chain.submit(call, { address: keys.miner.address, sign }, signal);
      const error = 'RegistrationPriceLimitExceeded';
      expect(fate).toEqual({ kind: 'refused', hash: null, block: null, module: 'SubtensorModule', error });
      expect(signed).toEqual([]);
    });

    it('refuses to register a hotkey twice', async () => {
      const call = { kind: 'burnedRegister', hotkey: keys.minerHotkey.address, limitRao } as const;
      expect(await submit(call, keys.miner)).toMatchObject({
        kind: 'refused',
        error: 'HotKeyAlreadyRegisteredInSubNet',
      });
    });

    it('takes the price of a registration from the coldkey', async () => {
      expect(await chain.balance(keys.miner.address, null, signal)).toBeLessThan(START_RAO);
    });

    it('takes no weights from a neuron without a permit', async () => {
      const weights = [
        { uid: 0, weight: 65_535 },
        { uid: 1, weight: 1 },
      ];
      const fate = await submit({ kind: 'setWeights', mechanism: 0, weights }, keys.minerHotkey);
      expect(fate).toMatchObject({ kind: 'refused', error: 'NeuronNoValidatorPermit' });
    });

    it('says null, not a block, while emission has not begun', async () => {
      expect((await chain.subnet(null, signal)).firstEmissionBlock).toBeNull();
    });

    it('lets nobody but the owner start emission', async () => {
      const fate = await submit({ kind: 'startCall' }, keys.miner);
      expect(fate).toMatchObject({ kind: 'refused', module: 'SubtensorModule', error: 'NotSubnetOwner' });
    });

    it('takes no stake before emission has begun', async () => {
      const limitPriceRao = rao(START_RAO);
      const amounts = { amountRao: rao(10n ** 9n), limitPriceRao };
      const call = {
        kind: 'addStakeLimit',
        allowPartial: false,
        hotkey: keys.minerHotkey.address,
        ...amounts,
      } as const;
      expect(await submit(call, keys.miner)).toMatchObject({ kind: 'refused', error: 'SubtokenDisabled' });
      expect(await chain.stake(keys.minerHotkey.address, keys.miner.address, null, signal)).toBe(0n);
    });

    it('begins emission in the block after the owner started it', async () => {
      const { block } = await done({ kind: 'startCall' }, keys.owner);
      expect((await chain.subnet(null, signal)).firstEmissionBlock).toBe(block + 1);
    });

    it('says what a stake would buy, and where the order itself brings the price', async () => {
      const price = (await chain.alphaPrice(null, signal)) ?? 0n;
      const quotes = await Promise.all(
        [10n, 100n].map((tao) => chain.stakeQuote(rao(tao * RAO_PER_TAO), null, signal)),
      );
      const [less, more] = quotes.map((quote) => quote ?? { alpha: 0n, priceAfterRao: 0n });
      expect(less?.alpha).toBeGreaterThan(0n);
      // Ten times as much buys less than ten times as much.
      expect(more?.alpha).toBeLessThan((less?.alpha ?? 0n) * 10n);
      expect(less?.priceAfterRao).toBeGreaterThan(price);
      expect(more?.priceAfterRao).toBeGreaterThan(less?.priceAfterRao ?? 0n);
    });

    it.each([
      ['passes with the price of its quote and a hundredth above it as limit', 101n, 'finalized'],
      ['is refused where the limit leaves no room for what it does to the price itself', 99n, 'refused'],
    ])('a stake %s', async (_what, percent, kind) => {
      const { address: hotkey } = keys.ownerHotkey;
      const amountRao = rao(20n * RAO_PER_TAO);
      const quote = await chain.stakeQuote(amountRao, null, signal);
      const limitPriceRao = rao(((quote?.priceAfterRao ?? 0n) * percent) / 100n);
      const fate = await submit(
        { kind: 'addStakeLimit', allowPartial: false, hotkey, amountRao, limitPriceRao },
        keys.miner,
      );
      expect(fate).toMatchObject({ kind });
      if (fate.kind === 'refused') expect(fate.error).toBe('SlippageTooHigh');
    });

    it('takes no stake while the price is above the limit', async () => {
      const amounts = { amountRao: rao(10n ** 9n), limitPriceRao: rao(1n) };
      const call = {
        kind: 'addStakeLimit',
        allowPartial: false,
        hotkey: keys.minerHotkey.address,
        ...amounts,
      } as const;
      const fate = await submit(call, keys.miner);
      expect(fate).toMatchObject({ kind: 'refused', module: 'SubtensorModule', error: 'ZeroMaxStakeAmount' });
    });

    it('stakes within the limit, for this coldkey on this hotkey alone', async () => {
      const price = await chain.alphaPrice(null, signal);
      if (price === null) throw new Error('no price');
      const { address: hotkey } = keys.minerHotkey;
      const amountRao = rao(10n ** 9n);
      const before = await chain.balance(keys.miner.address, null, signal);
      const call = {
        kind: 'addStakeLimit',
        allowPartial: false,
        hotkey,
        amountRao,
        limitPriceRao: rao(price * 2n),
      } as const;
      const { blockHash } = await done(call, keys.miner);
      expect(await chain.stake(hotkey, keys.miner.address, blockHash, signal)).toBeGreaterThan(0n);
      expect(await chain.stake(hotkey, keys.owner.address, blockHash, signal)).toBe(0n);
      expect(await chain.balance(keys.miner.address, null, signal)).toBeLessThanOrEqual(before - amountRao);
    });

    it('takes weights and notes their block', async () => {
      const weights = [
        { uid: 0, weight: 1 },
        { uid: 1, weight: 65_535 },
      ];
      const fate = await done({ kind: 'setWeights', mechanism: 0, weights }, keys.ownerHotkey);
      const [own] = await chain.metagraph(fate.blockHash, signal);
      expect(own?.lastUpdate).toBe(fate.block);
    });

    it('says null for what a block without an epoch paid', async () => {
      // Epochs are more than one block apart, so one of two blocks in a row has none.
      const { number } = await final(() => true);
      const hashes = await Promise.all([number, number - 1].map((block) => chain.blockHash(block, signal)));
      const paid = await Promise.all(hashes.map((hash) => chain.incentivesPaid(hash, signal)));
      expect(paid).toContain(null);
    });

    describe('tells a transaction', () => {
      const call = { kind: 'setCommitment', fields: [field(9)] } as const;

      it('finalized once its block is, and reads see what it did', async () => {
        const fate = await done(call, keys.minerHotkey);
        expect(chain.finalized?.number).toBeGreaterThanOrEqual(fate.block);
        expect(await chain.blockHash(fate.block, signal)).toBe(fate.blockHash);
      });

      it('refused with the name of the error and its hash, when a block holds it', async () => {
        const fate = await submit({ kind: 'startCall' }, keys.miner);
        expect(fate).toMatchObject({ kind: 'refused', hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
      });

      it('apart from the others of the same signer', async () => {
        const fates = await bench.sealing(
          Promise.all([1, 2, 3].map(() => chain.submit({ kind: 'startCall' }, keys.miner, signal))),
        );
        expect(fates.map(({ kind }) => kind)).toEqual(['refused', 'refused', 'refused']);
        expect(new Set(fates.map(({ hash }) => hash)).size).toBe(3);
      });

      it('too late, before it is signed, when its last block has passed', async () => {
        const lastBlock = chain.head?.number ?? 0;
        await expect(chain.submit(call, keys.minerHotkey, signal, { lastBlock })).rejects.toMatchObject({
          code: 'CHAIN_TOO_LATE',
        });
      });

      it('expired when its last block is final and does not hold it', async () => {
        const lastBlock = (chain.head?.number ?? 0) + 6;
        const fate = await bench.lose(call, keys.minerHotkey, lastBlock);
        expect(fate.kind).toBe('expired');
        expect(chain.finalized?.number).toBeGreaterThanOrEqual(lastBlock);
      });

      it('unknown, not failed, when nobody waits for it any more', async () => {
        const giveUp = new AbortController();
        const sign = async (payload: Uint8Array) => {
          const signature = await keys.minerHotkey.sign(payload);
          // Once the promises of this turn are done it is on its way.
          setImmediate(() => giveUp.abort());
          return signature;
        };
        const { address } = keys.minerHotkey;
        expect(await chain.submit(call, { address, sign }, giveUp.signal)).toMatchObject({ kind: 'unknown' });
      });

      it('nothing, when the key refuses to sign', async () => {
        const refuses = {
          address: keys.minerHotkey.address,
          sign: () => Promise.reject(new Error('this key does not sign that')),
        };
        await expect(chain.submit(call, refuses, signal)).rejects.toThrow('this key does not sign that');
      });
    });

    it('refuses the state of a block that it does not know', async () => {
      const nowhere = hex('ee'.repeat(32));
      await expect(chain.metagraph(nowhere, signal)).rejects.toMatchObject({ code: 'CHAIN_REFUSED' });
    });

    it('has no hash for a block that is still to come', async () => {
      const block = (chain.head?.number ?? 0) + 1_000;
      await expect(chain.blockHash(block, signal)).rejects.toMatchObject({ code: 'CHAIN_ANSWER_MALFORMED' });
    });

    it('gives up a read at once when it is cancelled', async () => {
      const read = chain.balance(keys.miner.address, null, AbortSignal.abort());
      await expect(read).rejects.toMatchObject({ code: 'CANCELLED' });
    });
  });
}
