import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RegisterOptions, register } from '../../../src-main/join/register.ts';
import type { Signer } from '../../../src-main/network/chain.ts';
import { rao, ss58 } from '../../../src-shared/units.ts';
import { type FakeChain, fakeChain } from '../../fakes/fake-chain.ts';

const hotkey = ss58('the-hotkey');
const newcomer = ss58('a-newcomer');
const coldkey: Signer = { address: ss58('the-coldkey'), sign: async () => new Uint8Array(64) };
const COST = rao(5n);
const signal = new AbortController().signal;

let dataDir: string;
let chain: FakeChain;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'register-'));
  chain = fakeChain({
    neurons: [{}],
    subnet: { burnRao: COST },
    freeRao: new Map([[coldkey.address, rao(100n)]]),
  });
  chain.sealTo(1);
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

/** Registers while blocks go by; each look at the disk lets one more pass. */
async function begin(changes: Partial<RegisterOptions> = {}, wait = signal) {
  const consent = { limitRao: COST, isConsentFresh: true };
  const options = { chain, hotkey, coldkey, ...consent, dataDir, told: () => undefined, ...changes };
  const outcome = register(options, wait);
  const ended = outcome.then(
    () => true,
    () => true,
  );
  while (!(await Promise.race([ended, new Promise((resolve) => setImmediate(resolve, false))])))
    chain.sealTo((chain.head?.number ?? 0) + 1);
  return outcome;
}

const paidFor = () => chain.submitted.map(({ kind }) => kind);

describe('a hotkey without a place', () => {
  it('gets one within the limit', async () => {
    await expect(begin()).resolves.toEqual({ uid: 1, coldkey: coldkey.address });
    expect(chain.submitted).toEqual([{ kind: 'burnedRegister', hotkey, limitRao: COST }]);
  });

  it('gets one for a consent that an interrupted start had, too', async () => {
    await expect(begin({ isConsentFresh: false })).resolves.toMatchObject({ uid: 1 });
  });

  it.each([
    ['nothing was agreed', { limitRao: null }, 'REGISTRATION_NOT_AGREED'],
    ['no coldkey is at hand', { coldkey: null }, 'HOTKEY_NOT_REGISTERED'],
    ['it costs more than was agreed', { limitRao: rao(4n) }, 'CHAIN_REFUSED'],
  ])('pays nothing where %s', async (_what, changes, code) => {
    await expect(begin(changes)).rejects.toMatchObject({ code });
    expect(paidFor()).toEqual([]);
  });

  it('pays nothing on a real network, whatever was agreed', async () => {
    const genesisHash = '2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03';
    const real = Object.create(chain, { genesisHash: { value: genesisHash } }) as FakeChain;
    await expect(begin({ chain: real })).rejects.toMatchObject({ code: 'HOTKEY_NOT_REGISTERED' });
    expect(paidFor()).toEqual([]);
  });

  it('is told where nobody knows whether it was paid, and pays no second time once it has the place', async () => {
    chain.holdCalls(true);
    const giveUp = new AbortController();
    const outcome = register(
      { chain, hotkey, coldkey, limitRao: COST, isConsentFresh: true, dataDir, told: () => undefined },
      giveUp.signal,
    );
    const told = expect(outcome).rejects.toMatchObject({ code: 'CHAIN_FATE_UNKNOWN' });
    await expect.poll(paidFor).toEqual(['burnedRegister']);
    giveUp.abort();
    await told;
    chain.holdCalls(false);
    chain.sealTo(4);
    await expect(begin()).resolves.toMatchObject({ uid: 1 });
    expect(paidFor()).toEqual(['burnedRegister']);
  });
});

describe('a hotkey that lost its place', () => {
  beforeEach(async () => {
    await begin();
    chain.handOver(1, newcomer);
    chain.sealTo((chain.head?.number ?? 0) + 2);
  });

  it.each([
    ['nothing is agreed', { limitRao: null }],
    ['the consent is one of before', { isConsentFresh: false }],
  ])('says who has it since when, and pays for no other, where %s', async (_what, changes) => {
    await expect(begin(changes)).rejects.toMatchObject({
      code: 'REGISTRATION_LOST',
      params: { uid: 1, holder: newcomer, block: expect.any(Number) },
    });
    expect(paidFor()).toHaveLength(1);
  });

  it('gets another within a fresh limit, and has that one from then on', async () => {
    await expect(begin()).resolves.toMatchObject({ uid: 2 });
    await expect(begin({ limitRao: null })).resolves.toMatchObject({ uid: 2 });
    expect(paidFor()).toHaveLength(2);
  });

  it('gets none above a fresh limit', async () => {
    await expect(begin({ limitRao: rao(1n) })).rejects.toMatchObject({ code: 'CHAIN_REFUSED' });
    expect(paidFor()).toHaveLength(1);
  });

  it('had none on another chain, where it is a new one', async () => {
    const other = Object.create(chain, { genesisHash: { value: 'ab'.repeat(32) } }) as FakeChain;
    await expect(begin({ chain: other, limitRao: null })).rejects.toMatchObject({
      code: 'REGISTRATION_NOT_AGREED',
    });
  });
});
