import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { buildCall } from '../../../src-main/network/calls/calls.ts';
import { callIndexes } from '../../../src-main/network/calls/extrinsic.ts';
import type { ChainCall } from '../../../src-main/network/chain.ts';
import { openSession, type Session } from '../../../src-main/network/session.ts';
import { requiredItem, storageItem } from '../../../src-main/network/storage.ts';
import { rao } from '../../../src-shared/units.ts';
import { minerHotkey, NETUID } from './rig.ts';

const FILE = join(import.meta.dirname, '../../../../shared/data/subtensor-finney-393-v16.scale');
const isThere = existsSync(FILE);
if (!isThere) console.info('skipped: the metadata of a real runtime is not at ../shared/data');

/** Answers only what a client asks while it connects, with the metadata of a real runtime. */
async function startRuntime(metadata: string) {
  const answers: Record<string, unknown> = {
    chain_getBlockHash: `0x${'11'.repeat(32)}`,
    state_getRuntimeVersion: {
      specName: 'node-subtensor',
      implName: 'node-subtensor',
      specVersion: 393,
      implVersion: 1,
      authoringVersion: 1,
      transactionVersion: 1,
      stateVersion: 1,
      apis: [],
    },
    system_chain: 'Bittensor',
    system_properties: { ss58Format: 42, tokenDecimals: 9, tokenSymbol: 'TAO' },
    rpc_methods: { methods: [] },
    state_getMetadata: metadata,
    state_subscribeRuntimeVersion: 'sub',
    state_queryStorageAt: [{ block: `0x${'11'.repeat(32)}`, changes: [] }],
  };
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (socket) =>
    socket.on('message', (raw) => {
      const { id, method } = JSON.parse(String(raw));
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: answers[method] ?? null }));
    }),
  );
  const stop = () => {
    for (const client of server.clients) client.terminate();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

describe.skipIf(!isThere)('a real runtime (spec 393)', () => {
  const life = new AbortController();
  const { signal } = life;
  let runtime: Awaited<ReturnType<typeof startRuntime>>;
  let session: Session;

  beforeAll(async () => {
    runtime = await startRuntime(`0x${readFileSync(FILE).toString('hex')}`);
    session = await openSession(runtime.url, signal);
  });
  afterAll(async () => {
    session?.close();
    await runtime?.stop();
  });

  it('has its calls where its own list says', () => {
    expect(Object.fromEntries(callIndexes(session))).toEqual({
      'SubtensorModule.burned_register': '0707',
      'SubtensorModule.add_stake_limit': '0758',
      'SubtensorModule.serve_axon': '0704',
      'SubtensorModule.set_weights': '0700',
      'SubtensorModule.start_call': '075c',
      'Commitments.set_commitment': '1200',
    });
  });

  const { address: hotkey } = minerHotkey;
  it.each<[string, ChainCall, string]>([
    ['burnedRegister', { kind: 'burnedRegister', hotkey, limitRao: rao(5n) }, '07072600'],
    ['startCall', { kind: 'startCall' }, '075c2600'],
    ['serveAxon', { kind: 'serveAxon', ip: '1.2.3.4', port: 4_001, version: 1 }, '070426000100000004030201'],
    ['setWeights', { kind: 'setWeights', weights: [{ uid: 3, weight: 65_535 }] }, '0700260004030004ffff'],
    ['setCommitment', { kind: 'setCommitment', fields: [Uint8Array.of(1, 2, 3)] }, '120026000404010203'],
  ])('encodes %s as this runtime reads it', async (_name, call, start) => {
    const extrinsic = await buildCall(session, NETUID, call, signal);
    expect(extrinsic.method.toHex().slice(2, 2 + start.length)).toBe(start);
  });

  it('encodes a limited stake with its price and never partially', async () => {
    const call = { kind: 'addStakeLimit', hotkey, amountRao: rao(7n), limitPriceRao: rao(9n) } as const;
    const { method } = await buildCall(session, NETUID, call, signal);
    expect(method.toHex()).toMatch(/^0x0758[0-9a-f]{64}260007000000000000000900000000000000(00)$/);
  });

  it('is asked what it has instead of taken for granted', () => {
    expect(storageItem(session, 'SubtensorModule', 'LastEpochBlock')).toBeNull();
    expect(storageItem(session, 'NoSuchPallet', 'Item')).toBeNull();
    expect(() => requiredItem(session, 'SubtensorModule', 'LastEpochBlock')).toThrow(
      expect.objectContaining({ code: 'CHAIN_CALL_UNAVAILABLE' }),
    );
  });
});
