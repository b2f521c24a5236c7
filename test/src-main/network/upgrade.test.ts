import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { ChainCall, Signer } from '../../../src-main/network/chain.ts';
import { checkExtensions, isEmpty } from '../../../src-main/network/extensions.ts';
import { openSession } from '../../../src-main/network/session.ts';
import { rao } from '../../../src-shared/units.ts';
import { subtensor } from '../../../src-worker/devnet/runtime/subtensor/subtensor.ts';
import {
  CONTROL_TOKEN,
  connect,
  connectedIs,
  miner,
  minerHotkey,
  owner,
  poor,
  sealing,
  startTestChain,
  startWire,
} from './rig.ts';

const OLD = 393;
const NEW = 425;
const stops: (() => Promise<void>)[] = [];
const { signal } = new AbortController();
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const chain = async () => {
  const devnet = await startTestChain();
  stops.push(devnet.stop);
  return devnet;
};

/** A chain behind a wire, its client, and the command that another runtime comes with the next block. */
async function begin() {
  const devnet = await chain();
  const wire = await startWire(devnet.url);
  const client = await connect([wire.url], signal);
  stops.push(wire.stop, client.stop);
  const order = async () => {
    const socket = new WebSocket(devnet.url);
    await once(socket, 'open');
    socket.send(
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'devnet_upgrade', params: [CONTROL_TOKEN, NEW] }),
    );
    const [answer] = await once(socket, 'message');
    expect(JSON.parse(String(answer)).error).toBeUndefined();
    socket.close();
  };
  const upgrade = async () => {
    await order();
    devnet.sealBlock();
  };
  return { devnet, wire, client, order, upgrade };
}

/** A signer in whose hands something happens before its signature is there. */
function watched(meanwhile: (signatures: number) => void | Promise<void>) {
  const payloads: Uint8Array[] = [];
  const signer: Signer = {
    address: miner.address,
    async sign(payload) {
      payloads.push(payload);
      const signature = await miner.sign(payload);
      await meanwhile(payloads.length);
      return signature;
    },
  };
  return { signer, payloads };
}

const transfer = (to = poor.address): ChainCall =>
  ({ kind: 'transfer', to, amountRao: 1_000_000n }) as Extract<ChainCall, { kind: 'transfer' }>;
const specIn = (payload: Uint8Array | undefined) =>
  [OLD, NEW].find((spec) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(spec);
    return Buffer.from(payload ?? []).includes(bytes);
  });

describe('a runtime upgrade', () => {
  it('while the session is live: the next call is signed under the new metadata, and the allow-list follows', async () => {
    const { devnet, client, upgrade } = await begin();
    expect(client.callIndexes().has('SubtensorModule.register_limit')).toBe(false);
    const gone = connectedIs(client, false);
    await upgrade();
    await gone;
    await connectedIs(client, true);
    expect(client.callIndexes().get('SubtensorModule.register_limit')).toBe('0786');
    const { signer, payloads } = watched(() => undefined);
    const fate = await sealing(devnet, client.submit(transfer(), signer, signal));
    expect(fate).toMatchObject({ kind: 'finalized', effect: { kind: 'transferred' } });
    expect(payloads.map(specIn)).toEqual([NEW]);
  });

  it('while the socket is down: the same', async () => {
    const { devnet, wire, client, upgrade } = await begin();
    wire.cut();
    await connectedIs(client, false);
    await upgrade();
    wire.mend();
    await connectedIs(client, true);
    expect(client.callIndexes().has('SubtensorModule.register_limit')).toBe(true);
    // What only the newer one has: the limit is the chain's to keep, by an error at a place that is new.
    const limitRao = rao(1n);
    const dear = client.submit(
      { kind: 'burnedRegister', hotkey: minerHotkey.address, limitRao },
      miner,
      signal,
    );
    expect(await sealing(devnet, dear)).toMatchObject({
      kind: 'refused',
      module: 'SubtensorModule',
      error: 'RegistrationPriceLimitExceeded',
    });
  });

  it('between signing and hand-over: refused for its signature, it is made once more with the same nonce', async () => {
    const { devnet, wire, client, upgrade } = await begin();
    const { signer, payloads } = watched(async (signatures) => {
      if (signatures > 1) return;
      // Nobody tells this client: it hands over what it signed.
      wire.swallow('state_runtimeVersion');
      await upgrade();
    });
    const fate = await sealing(devnet, client.submit(transfer(), signer, signal));
    expect(fate).toMatchObject({ kind: 'finalized', effect: { kind: 'transferred' } });
    expect(payloads.map(specIn)).toEqual([OLD, NEW]);
    expect(wire.asked.filter((method) => method === 'system_accountNextIndex')).toHaveLength(1);
    expect(await client.balance(poor.address, null, signal)).toBe(1_000_000n);
  });

  it('that is told between signing and hand-over: what was signed is never sent', async () => {
    const { devnet, wire, client, upgrade } = await begin();
    const { signer, payloads } = watched(async (signatures) => {
      if (signatures > 1) return;
      const gone = connectedIs(client, false);
      await upgrade();
      await gone;
    });
    const fate = await sealing(devnet, client.submit(transfer(), signer, signal));
    expect(fate).toMatchObject({ kind: 'finalized' });
    expect(payloads.map(specIn)).toEqual([OLD, NEW]);
    expect(wire.asked.filter((method) => method === 'author_submitAndWatchExtrinsic')).toHaveLength(1);
    expect(await client.balance(poor.address, null, signal)).toBe(1_000_000n);
  });

  it('in the very block that takes a transaction: it is done once, by the old rules', async () => {
    const { devnet, wire, client, order } = await begin();
    const { signer, payloads } = watched(() => undefined);
    const submitted = client.submit(transfer(), signer, signal);
    await vi.waitFor(() => expect(wire.asked).toContain('author_submitAndWatchExtrinsic'));
    await order();
    expect(await sealing(devnet, submitted)).toMatchObject({ kind: 'finalized' });
    expect(payloads.map(specIn)).toEqual([OLD]);
    expect(await client.balance(poor.address, null, signal)).toBe(1_000_000n);
  });

  it('is no reason to sign again where the signature is bad and the runtime the same', async () => {
    const { client } = await begin();
    const signer: Signer = { address: miner.address, sign: vi.fn(async () => miner.sign(Uint8Array.of(1))) };
    const fate = await client.submit(transfer(), signer, signal);
    expect(fate).toMatchObject({
      kind: 'refused',
      module: 'Transaction',
      error: expect.stringMatching(/signature/),
    });
    expect(signer.sign).toHaveBeenCalledOnce();
  });
});

describe('a runtime whose calls stand at other places', () => {
  // No release that devnet knows moves a call, so the description is moved before the newer runtime is made of it.
  const { index } = subtensor;
  afterEach(() => void Object.assign(subtensor, { index }));

  it('is called where they stand', async () => {
    const { devnet, client, upgrade } = await begin();
    const before = client.callIndexes().get('SubtensorModule.serve_axon');
    Object.assign(subtensor, { index: index + 100 });
    const gone = connectedIs(client, false);
    await upgrade();
    await gone;
    await connectedIs(client, true);
    const moved = client.callIndexes().get('SubtensorModule.serve_axon');
    expect(moved).toBe((index + 100).toString(16) + before?.slice(2));
    const fate = await sealing(devnet, client.submit({ kind: 'startCall' }, owner, signal));
    expect(fate).toMatchObject({ kind: 'finalized' });
  });
});

describe('a signed extension that is not known here', () => {
  async function sessionWith(type: 'u32' | '()') {
    const devnet = await chain();
    const session = await openSession(devnet.url, signal);
    stops.push(async () => session.close());
    const { asLatest } = session.api.runtimeMetadata;
    const { transactionExtensions: known } = asLatest.extrinsic;
    // The implicit part of one that has such a type.
    const model = known.find(
      ({ identifier }) => `${identifier}` === (type === 'u32' ? 'CheckSpecVersion' : 'CheckNonce'),
    );
    const added = { identifier: 'CheckSomethingNew', type: model?.implicit, implicit: model?.implicit };
    const extrinsic = Object.create(asLatest.extrinsic, {
      transactionExtensions: { value: [...known, added] },
    });
    const changed = Object.create(asLatest, { extrinsic: { value: extrinsic } });
    const names = [...session.registry.signedExtensions, 'CheckSomethingNew'];
    return {
      registry: Object.create(session.registry, {
        signedExtensions: { value: names },
        lookup: { value: session.registry.lookup },
      }),
      api: { runtimeMetadata: { asLatest: changed } },
    } as unknown as Parameters<typeof checkExtensions>[0];
  }

  it('and carries bytes gets no blind signature', async () => {
    const session = await sessionWith('u32');
    expect(() => checkExtensions(session)).toThrow(
      expect.objectContaining({
        code: 'CHAIN_CALL_UNAVAILABLE',
        params: { call: 'a signature with CheckSomethingNew' },
      }),
    );
  });

  it('and carries none is signed with', async () => {
    const session = await sessionWith('()');
    expect(() => checkExtensions(session)).not.toThrow();
  });

  it('is empty only where all of its parts are', async () => {
    const devnet = await chain();
    const session = await openSession(devnet.url, signal);
    stops.push(async () => session.close());
    const types = session.api.runtimeMetadata.asLatest.extrinsic.transactionExtensions;
    const empty = new Map(
      types.map(({ identifier, type }) => [`${identifier}`, isEmpty(session.registry.lookup, type)]),
    );
    expect(Object.fromEntries(empty)).toMatchObject({
      CheckSpecVersion: true,
      CheckGenesis: true,
      CheckMortality: false,
      CheckNonce: false,
      ChargeTransactionPayment: false,
      CheckMetadataHash: false,
    });
  });
});
