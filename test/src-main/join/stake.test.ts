import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { stakeWhenOpen } from '../../../src-main/join/stake.ts';
import type { Signer } from '../../../src-main/network/chain.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { RAO_PER_TAO, rao, ss58 } from '../../../src-shared/units.ts';
import { type FakeChain, type FakeChainOptions, fakeChain } from '../../fakes/fake-chain.ts';

const hotkey = ss58('the-hotkey');
const coldkey: Signer = { address: ss58('the-coldkey'), sign: async () => new Uint8Array(64) };
const amountRao = rao(50n * RAO_PER_TAO);

let dataDir: string;
let life: AbortController;
let told: CodedError[];
/** How many wait for blocks to stake in: none once it is done or given up. */
let waiting: number;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stake-'));
  life = new AbortController();
  told = [];
  waiting = 0;
});
afterEach(async () => {
  life.abort();
  await rm(dataDir, { recursive: true, force: true });
});

function chainWith(options: Partial<FakeChainOptions> = {}): FakeChain {
  const chain = fakeChain({
    neurons: [{ hotkey }],
    subnet: { firstEmissionBlock: 1 },
    freeRao: new Map([[coldkey.address, rao(500n * RAO_PER_TAO)]]),
    alphaPriceRao: rao(RAO_PER_TAO),
    poolTaoRao: rao(1_000n * RAO_PER_TAO),
    ...options,
  });
  chain.sealTo(1);
  return chain;
}

function begin(chain: FakeChain): () => void {
  waiting++;
  let isWaiting = true;
  const counted: FakeChain = Object.create(chain, {
    on: {
      value: (...args: Parameters<FakeChain['on']>) => {
        const off = chain.on(...args);
        return () => {
          if (isWaiting) waiting--;
          isWaiting = false;
          off();
        };
      },
    },
  });
  return stakeWhenOpen({
    chain: counted,
    hotkey,
    coldkey,
    amountRao,
    path: join(dataDir, 'stake.json'),
    told: (error) => void told.push(error),
    onStaked: (outcome) => void told.push(outcome),
    log: () => undefined,
    signal: life.signal,
  });
}

/** Seals blocks until this is so, no faster than the disk on which each attempt is noted. */
async function until(chain: FakeChain, isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    chain.sealTo((chain.head?.number ?? 0) + 1);
    for (let turn = 0; turn < 12; turn++) await writeFile(join(dataDir, 'turn'), 'x');
  }
}

const sent = (chain: FakeChain) => chain.submitted.filter(({ kind }) => kind === 'addStakeLimit');
const codes = () => told.map(({ code }) => code);
const isOver = () => waiting === 0;
const isSent = (chain: FakeChain) => () => sent(chain).length === 1;
const isTold = () => told.length > 0;

it('stakes what moves the price by itself, with a limit from what the chain says of it, and tells it', async () => {
  const chain = chainWith();
  begin(chain);
  await until(chain, isTold);
  // 50 into 1,000: the order alone brings the price to 1.05² of it, and others may add 5 %.
  expect(sent(chain)).toEqual([
    {
      kind: 'addStakeLimit',
      allowPartial: false,
      hotkey,
      amountRao,
      limitPriceRao: (1_102_500_000n * 105n) / 100n,
    },
  ]);
  expect(told).toEqual([{ code: 'STAKE_DONE', params: { amount: '50 TAO', alpha: '47.619047619' } }]);
  expect(isOver()).toBe(true);
});

it('waits until the subnet pays', async () => {
  const chain = chainWith({ subnet: { firstEmissionBlock: null, ownerColdkey: coldkey.address } });
  const read = vi.spyOn(chain, 'subnet');
  begin(chain);
  // A third look begins where two have ended.
  await until(chain, () => read.mock.calls.length > 2);
  expect(sent(chain)).toEqual([]);
  void chain.submit({ kind: 'startCall' }, coldkey, life.signal);
  await until(chain, isTold);
  expect(codes()).toEqual(['STAKE_DONE']);
});

it.each([
  ['would pay over a tenth above the price', { poolTaoRao: rao(400n * RAO_PER_TAO) }, 'STAKE_MOVES_PRICE'],
  ['has no price', { alphaPriceRao: undefined }, 'CHAIN_CALL_UNAVAILABLE'],
])('sends nothing that %s, and says so once', async (_what, options, code) => {
  const chain = chainWith(options as Partial<FakeChainOptions>);
  begin(chain);
  await until(chain, isTold);
  expect(isOver()).toBe(true);
  expect(sent(chain)).toEqual([]);
  expect(codes()).toEqual([code]);
});

it('is refused where the price moved meanwhile, pays one fee for it, and leaves the next step to a person', async () => {
  const chain = chainWith();
  chain.holdCalls(true);
  begin(chain);
  await until(chain, isSent(chain));
  chain.setAlphaPrice(rao(2n * RAO_PER_TAO));
  chain.holdCalls(false);
  await until(chain, isTold);
  expect(isOver()).toBe(true);
  expect(codes()).toEqual(['STAKE_PRICE_MOVED']);
  expect(sent(chain)).toHaveLength(1);
});

it('names any other refusal, and pays one fee for it', async () => {
  const chain = chainWith({ freeRao: new Map() });
  begin(chain);
  await until(chain, isTold);
  expect(isOver()).toBe(true);
  expect(told).toEqual([
    { code: 'STAKE_REFUSED', params: { amount: '50 TAO', error: 'NotEnoughBalanceToStake' } },
  ]);
  expect(sent(chain)).toHaveLength(1);
});

it('never stakes where the coldkey holds stake on the hotkey', async () => {
  const chain = chainWith();
  begin(chain);
  await until(chain, isTold);
  await rm(join(dataDir, 'stake.json'));
  await rm(join(dataDir, 'stake.json.copy'), { force: true });
  begin(chain);
  await until(chain, isOver);
  expect(sent(chain)).toHaveLength(1);
});

it('sends no second one after a crash while the first may still be included', async () => {
  const chain = chainWith();
  chain.holdCalls(true);
  const crash = begin(chain);
  await until(chain, isSent(chain));
  crash();
  life.abort();
  life = new AbortController();
  const read = vi.spyOn(chain, 'subnet');
  begin(chain);
  // A second look of the new life begins where its first has ended.
  await until(chain, () => read.mock.calls.length > 1);
  // At last it is included: the new life finds it, and adds nothing.
  chain.holdCalls(false);
  await until(chain, isOver);
  expect(sent(chain)).toHaveLength(1);
});

it('sends another once the first can no longer be included', async () => {
  const chain = chainWith();
  chain.holdCalls(true);
  begin(chain);
  await until(chain, () => sent(chain).length === 2);
  chain.holdCalls(false);
  await until(chain, isTold);
  expect(codes()).toEqual(['STAKE_DONE']);
});
