import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALICE_TAO, type GuestChain, NETUID, openGuestChain, TAO } from '../../../bench/chain/guest-chain.ts';
import { openGuest, papiSteps } from '../../../bench/chain/papi-reads.ts';

// By a name that the type checker does not follow: its types bring in those of a browser.
const DEDOT: string = 'dedot';
const { LegacyClient, WsProvider } = await import(DEDOT);

describe('polkadot-api as it comes from the registry', () => {
  let guest: Awaited<ReturnType<typeof openGuest>>;
  beforeAll(async () => {
    guest = await openGuest();
  });
  afterAll(() => guest.close());

  test.each(Object.entries(papiSteps))(
    '%s',
    async (_name, step) => {
      await step(guest);
    },
    60_000,
  );

  test('a used nonce is refused before it is sent', async () => {
    const { api, chain } = guest;
    const key = chain.key('Alice');
    const { getPolkadotSigner } = await import('polkadot-api/signer');
    const signer = getPolkadotSigner(key.publicKey, 'Sr25519', (bytes) => key.sign(bytes));
    const remark = api.tx.System.remark({ remark: new Uint8Array() });
    await expect(remark.signAndSubmit(signer, { nonce: 0 })).rejects.toThrow(/Stale/);
  });
});

describe('dedot as it comes from the registry', () => {
  let chain: GuestChain;
  // biome-ignore lint/suspicious/noExplicitAny: the chain's types are not generated for this client
  let client: any;
  beforeAll(async () => {
    chain = await openGuestChain();
    client = await LegacyClient.new(new WsProvider(chain.url));
  });
  afterAll(async () => {
    await client.disconnect();
    await chain.close();
  });

  const send = (
    call: { signAndSend(...args: unknown[]): { untilFinalized(): Promise<never> } },
    name: string,
  ) =>
    call.signAndSend(chain.key(name), () => {}).untilFinalized() as Promise<{
      status: { type: string };
      dispatchError?: unknown;
    }>;

  test('blocks, storage and runtime APIs', async () => {
    const header = await client.rpc.chain_getHeader();
    expect(header.number).toBeGreaterThan(0);
    expect((await client.query.system.account(chain.key('Alice').address)).data.free).toBe(ALICE_TAO * TAO);
    const price = await client.call.swapRuntimeApi.currentAlphaPrice(NETUID);
    expect(price).toBeGreaterThan(0n);
    const info = await client.call.subnetInfoRuntimeApi.getDynamicInfo(NETUID);
    expect(info.netuid).toBe(NETUID);
  });

  test('the fee shown is the fee taken, and a transfer becomes final', async () => {
    const alice = chain.key('Alice');
    const transfer = client.tx.balances.transferKeepAlive(chain.key('Bob').address, TAO);
    const { partialFee } = await transfer.paymentInfo(alice.address);
    const { status, dispatchError } = await send(transfer, 'Alice');
    expect([status.type, dispatchError]).toEqual(['Finalized', undefined]);
    const { data } = await client.query.system.account(alice.address);
    // The client guesses the length of a signed transfer; a nonce or an era is a few bytes.
    const taken: bigint = ALICE_TAO * TAO - TAO - data.free;
    expect(taken - partialFee).toBeLessThan(10n);
    expect(taken - partialFee).toBeGreaterThan(-10n);
  });

  test('an order past its limit is refused by name', async () => {
    expect((await send(client.tx.subtensorModule.startCall(NETUID), 'Owner')).dispatchError).toBeUndefined();
    const price: bigint = await client.call.swapRuntimeApi.currentAlphaPrice(NETUID);
    const order = client.tx.subtensorModule.addStakeLimit(
      chain.key('alice-hot').address,
      NETUID,
      100n * TAO,
      price + price / 100n,
      false,
    );
    const { dispatchError } = await send(order, 'Alice');
    expect(client.registry.findErrorMeta(dispatchError)?.name).toBe('SlippageTooHigh');
  });
});
