import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ChainCall, Signer } from '../../../src-main/network/chain.ts';
import { checkExtensions, isEmpty } from '../../../src-main/network/extensions.ts';
import { openSession } from '../../../src-main/network/session.ts';
import { release393 } from '../../../src-worker/devnet/runtime/release.ts';
import { subtensor } from '../../../src-worker/devnet/runtime/subtensor/subtensor.ts';
import { connect, connectedIs, miner, poor, sealing, startTestChain, startWire } from './rig.ts';

const SPEC = release393.specVersion;
const INDEX = subtensor.index;
const stops: (() => Promise<void>)[] = [];
const { signal } = new AbortController();
afterEach(async () => {
  setSpec(SPEC);
  setIndex(INDEX);
  for (const stop of stops.splice(0).reverse()) await stop();
});

/**
 * The runtimes of this process change their version in place: chains that run check signatures for the new one. Those
 * that start later also describe it, with another pallet index: all that an upgrade is to a client.
 */
function setSpec(version: number): void {
  Object.assign(release393, { specVersion: version });
}
const setIndex = (index: number) => Object.assign(subtensor, { index });

const chain = async () => {
  const devnet = await startTestChain();
  stops.push(devnet.stop);
  return devnet;
};

/** A chain behind a wire, and what was signed for it. */
async function begin() {
  const devnet = await chain();
  const wire = await startWire(devnet.url);
  const client = await connect([wire.url], signal);
  stops.push(wire.stop, client.stop);
  const announce = (specVersion: number) => {
    const notice = JSON.parse(wire.lastSaid('state_runtimeVersion'));
    notice.params.result.specVersion = specVersion;
    wire.say(JSON.stringify(notice));
  };
  return { devnet, wire, client, announce };
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
  [SPEC, SPEC + 1].find((spec) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(spec);
    return Buffer.from(payload ?? []).includes(bytes);
  });

describe('a runtime upgrade', () => {
  it('while the session is live: the next call is signed under the new metadata, and the allow-list follows', async () => {
    const { wire, client, announce } = await begin();
    const before = client.callIndexes().get('SubtensorModule.serve_axon');
    setSpec(SPEC + 1);
    setIndex(INDEX + 100);
    const upgraded = await chain();
    wire.leadTo(upgraded.url);
    announce(SPEC + 1);
    await connectedIs(client, false);
    await connectedIs(client, true);
    const after = client.callIndexes().get('SubtensorModule.serve_axon');
    expect(after).toBe((INDEX + 100).toString(16) + before?.slice(2));
    const { signer, payloads } = watched(() => undefined);
    const fate = await sealing(upgraded, client.submit(transfer(), signer, signal));
    expect(fate).toMatchObject({ kind: 'finalized', effect: { kind: 'transferred' } });
    expect(payloads.map(specIn)).toEqual([SPEC + 1]);
  });

  it('while the socket is down: the same', async () => {
    const { wire, client } = await begin();
    wire.cut();
    await connectedIs(client, false);
    setSpec(SPEC + 1);
    setIndex(INDEX + 100);
    const upgraded = await chain();
    wire.leadTo(upgraded.url);
    wire.mend();
    await connectedIs(client, true);
    expect(client.callIndexes().get('SubtensorModule.serve_axon')?.slice(0, 2)).toBe(
      (INDEX + 100).toString(16),
    );
    const fate = await sealing(upgraded, client.submit(transfer(), miner, signal));
    expect(fate).toMatchObject({ kind: 'finalized' });
  });

  it('between signing and hand-over: refused for its signature, it is made once more with the same nonce', async () => {
    const { devnet, wire, client } = await begin();
    const { signer, payloads } = watched((signatures) => {
      if (signatures === 1) setSpec(SPEC + 1);
    });
    const fate = await sealing(devnet, client.submit(transfer(), signer, signal));
    expect(fate).toMatchObject({ kind: 'finalized', effect: { kind: 'transferred' } });
    expect(payloads.map(specIn)).toEqual([SPEC, SPEC + 1]);
    expect(wire.asked.filter((method) => method === 'system_accountNextIndex')).toHaveLength(1);
    expect(await client.balance(poor.address, null, signal)).toBe(1_000_000n);
  });

  it('that is told between signing and hand-over: what was signed is never sent', async () => {
    const { devnet, wire, client, announce } = await begin();
    const { signer, payloads } = watched(async (signatures) => {
      if (signatures > 1) return;
      setSpec(SPEC + 1);
      announce(SPEC + 1);
      await connectedIs(client, false);
    });
    const fate = await sealing(devnet, client.submit(transfer(), signer, signal));
    expect(fate).toMatchObject({ kind: 'finalized' });
    expect(payloads.map(specIn)).toEqual([SPEC, SPEC + 1]);
    expect(wire.asked.filter((method) => method === 'author_submitAndWatchExtrinsic')).toHaveLength(1);
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
