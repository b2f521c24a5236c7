import { once } from 'node:events';
import { ApiPromise, WsProvider as PolkadotProvider } from '@polkadot/api';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { CONTROL_TOKEN, NETUID, TAO } from '../../../bench/chain/guest-chain.ts';
import { openGuest } from '../../../bench/chain/papi-reads.ts';

// By a name that the type checker does not follow: its types bring in those of a browser.
const DEDOT: string = 'dedot';
const { LegacyClient, WsProvider } = await import(DEDOT);

// biome-ignore lint/suspicious/noExplicitAny: the chain's types are not generated for these clients
type Any = any;
const WAIT = { timeout: 30_000, interval: 200 };

/** Clients as they come from the registry, open while the chain under them gets another runtime. */
describe('clients that are open during an upgrade go on', () => {
  let guest: Awaited<ReturnType<typeof openGuest>>;
  let polkadot: ApiPromise;
  let dedot: Any;

  beforeAll(async () => {
    guest = await openGuest();
    const { url } = guest.chain;
    polkadot = await ApiPromise.create({
      provider: new PolkadotProvider(url) as never,
      noInitWarn: true,
    });
    dedot = await LegacyClient.new(new WsProvider(url));
    // Each has looked at the chain by the older metadata.
    await guest.client.getFinalizedBlock();
    expect(await guest.api.query.SubtensorModule.Burn.getValue(NETUID)).toBeGreaterThan(0n);
    expect(await dedot.query.subtensorModule.burn(NETUID)).toBeGreaterThan(0n);
    expect(polkadot.tx.subtensorModule?.registerLimit).toBeUndefined();

    const socket = new WebSocket(url);
    await once(socket, 'open');
    const params = [CONTROL_TOKEN, 425];
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'devnet_upgrade', params }));
    const [answer] = await once(socket, 'message');
    expect(JSON.parse(String(answer)).error).toBeUndefined();
    socket.close();
  });
  afterAll(async () => {
    await polkadot.disconnect();
    await dedot.disconnect();
    await guest.close();
  });

  test('@polkadot/api', async () => {
    await vi.waitFor(() => expect(polkadot.tx.subtensorModule?.registerLimit).toBeDefined(), WAIT);
    expect(polkadot.runtimeVersion.specVersion.toNumber()).toBe(425);
    const { chain } = guest;
    const included = Promise.withResolvers<Any>();
    const dear = polkadot.tx.subtensorModule!.registerLimit!(NETUID, chain.key('one').address, 1n);
    await dear.signAndSend(chain.key('Alice'), (result) => {
      if (result.status.isInBlock) included.resolve(result);
    });
    const { dispatchError } = await included.promise;
    expect(polkadot.registry.findMetaError(dispatchError.asModule).name).toBe(
      'RegistrationPriceLimitExceeded',
    );
  });

  test('polkadot-api', async () => {
    const { api, chain } = guest;
    await vi.waitFor(async () => {
      const next = await api.apis.SubnetInfoRuntimeApi.get_next_epoch_start_block(NETUID);
      expect(next).toBeGreaterThan(0n);
    }, WAIT);
    const key = chain.key('Owner');
    const signer = getPolkadotSigner(key.publicKey, 'Sr25519', (bytes) => key.sign(bytes));
    const limit = { netuid: NETUID, hotkey: chain.key('two').address, limit_price: 10n * TAO };
    const { ok, events } = await api.tx.SubtensorModule.register_limit(limit).signAndSubmit(signer);
    expect(ok).toBe(true);
    expect(events.map(({ value }: Any) => value.type)).toContain('NeuronRegistered');
  });

  test('dedot', async () => {
    await vi.waitFor(() => expect(dedot.runtimeVersion.specVersion).toBe(425), WAIT);
    const { chain } = guest;
    await vi.waitFor(async () => {
      expect(await dedot.query.subtensorModule.burnHalfLife(NETUID)).toBe(360);
    }, WAIT);
    const call = dedot.tx.subtensorModule.registerLimit(NETUID, chain.key('three').address, 1n);
    const { dispatchError } = await call.signAndSend(chain.key('Bob'), () => {}).untilFinalized();
    expect(dedot.registry.findErrorMeta(dispatchError)?.name).toBe('RegistrationPriceLimitExceeded');
  });
});
