import { strict as assert } from 'node:assert';
import { createClient, type PolkadotClient } from 'polkadot-api';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { getWsProvider } from 'polkadot-api/ws';
import { type Figure, figure } from '../report/figures.ts';
import { ALICE_TAO, type GuestChain, NETUID, openGuestChain, TAO } from './guest-chain.ts';

// biome-ignore lint/suspicious/noExplicitAny: the chain's types are not generated for this client
type Api = any;

/** What one step sees of the client. */
export interface Guest {
  readonly client: PolkadotClient;
  readonly api: Api;
  readonly chain: GuestChain;
}

const signerOf = ({ chain }: Guest, name: string) => {
  const key = chain.key(name);
  return getPolkadotSigner(key.publicKey, 'Sr25519', (bytes) => key.sign(bytes));
};

const transferOf = ({ api, chain }: Guest) =>
  api.tx.Balances.transfer_keep_alive({
    dest: { type: 'Id', value: chain.key('Bob').address },
    value: TAO,
  });

/** What an app does with `polkadot-api`, each step after the ones before it. @throws where the chain answers wrongly */
export const papiSteps: Readonly<Record<string, (guest: Guest) => Promise<void>>> = {
  async blocks({ client }) {
    const { number, hash } = await client.getFinalizedBlock();
    assert.match(hash, /^0x[0-9a-f]{64}$/);
    assert.ok(number >= 0);
  },
  async storage({ api, chain }) {
    const { data } = await api.query.System.Account.getValue(chain.key('Alice').address);
    assert.equal(data.free, ALICE_TAO * TAO);
  },
  async 'runtime API'({ api, chain }) {
    const metagraph = await api.apis.SubnetInfoRuntimeApi.get_metagraph(NETUID);
    assert.ok(metagraph.hotkeys.includes(chain.key('alice-hot').address));
    assert.ok((await api.apis.SwapRuntimeApi.current_alpha_price(NETUID)) > 0n);
  },
  async fee(guest) {
    const fee = await transferOf(guest).getEstimatedFees(guest.chain.key('Alice').address);
    assert.ok(fee > 0n && fee < TAO / 100n);
  },
  async transfer(guest) {
    const bob = guest.chain.key('Bob').address;
    const before = await guest.api.query.System.Account.getValue(bob);
    const { ok } = await transferOf(guest).signAndSubmit(signerOf(guest, 'Alice'));
    const after = await guest.api.query.System.Account.getValue(bob);
    assert.deepEqual([ok, after.data.free - before.data.free], [true, TAO]);
  },
  async 'stake with slippage'(guest) {
    const { api, chain } = guest;
    const started = await api.tx.SubtensorModule.start_call({ netuid: NETUID }).signAndSubmit(
      signerOf(guest, 'Owner'),
    );
    assert.equal(started.ok, true);
    const price: bigint = await api.apis.SwapRuntimeApi.current_alpha_price(NETUID);
    const order = {
      hotkey: chain.key('alice-hot').address,
      netuid: NETUID,
      amount_staked: 100n * TAO,
      limit_price: price + price / 100n,
      allow_partial: false,
    };
    const { ok, dispatchError } = await api.tx.SubtensorModule.add_stake_limit(order).signAndSubmit(
      signerOf(guest, 'Alice'),
    );
    assert.equal(ok, false);
    assert.equal(dispatchError.value.value.type, 'SlippageTooHigh');
  },
};

/** A client at a chain; both end with `close`. */
export async function openGuest(): Promise<Guest & { close(): Promise<void> }> {
  const chain = await openGuestChain();
  const client = createClient(getWsProvider(chain.url));
  return {
    client,
    api: client.getUnsafeApi(),
    chain,
    close: async () => {
      client.destroy();
      await chain.close();
    },
  };
}

/** How many of the steps of an app `polkadot-api` can do, of six. */
export async function papiReads(): Promise<Figure> {
  const guest = await openGuest();
  const failed: string[] = [];
  try {
    for (const [name, step] of Object.entries(papiSteps))
      await step(guest).catch((error) => failed.push(`${name}: ${error}`));
  } finally {
    await guest.close();
  }
  const steps = Object.keys(papiSteps).length;
  const seen = failed.length === 0 ? `all of ${steps}` : failed.join('; ');
  return figure('papi-reads', steps - failed.length, 'steps', { floor: steps, goal: steps, seen });
}
