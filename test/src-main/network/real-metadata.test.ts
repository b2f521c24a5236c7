import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { findUnknownExtensions } from '@polkadot/types/extrinsic/signedExtensions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { buildCall, callKinds, sayCall } from '../../../src-main/network/calls/calls.ts';
import { callIndexes } from '../../../src-main/network/calls/extrinsic.ts';
import { checkExtensions } from '../../../src-main/network/extensions.ts';
import { readCommitTerms } from '../../../src-main/network/reads/commit-reveal.ts';
import { readEpochClock } from '../../../src-main/network/reads/epoch-clock.ts';
import { readPruningRules } from '../../../src-main/network/reads/pruning.ts';
import { readRegistration } from '../../../src-main/network/reads/registration.ts';
import { selectivePlaces } from '../../../src-main/network/reads/selective-metagraph.ts';
import { openSession, type Session } from '../../../src-main/network/session.ts';
import { requiredItem, storageItem } from '../../../src-main/network/storage.ts';
import { callNames, type OwnerCall, ownerCalls } from '../../../src-shared/chain/calls.ts';
import { QUICKNET } from '../../../src-shared/chain/timelock.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { hex, rao } from '../../../src-shared/units.ts';
import { everyCall } from './every-call.ts';
import { minerHotkey, NETUID, requestsIn } from './rig.ts';

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
      const said = requestsIn(String(raw)).map(({ id, method }) => ({
        ...{ jsonrpc: '2.0', id, result: answers[method] ?? null },
      }));
      socket.send(JSON.stringify(said.length === 1 ? said[0] : said));
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
    const list = readFileSync(join(FILE, '../subtensor-393-calls.txt'), 'utf8');
    const stated = new Map(
      [...list.matchAll(/^(\w+)\[(\d+)\]\.(\w+)\[(\d+)\]/gm)].map(([, pallet, at, call, index]) => [
        `${pallet}.${call}`,
        Buffer.from([Number(at), Number(index)]).toString('hex'),
      ]),
    );
    const found = [...callIndexes(session)].filter(([name]) => !name.startsWith('AdminUtils'));
    expect(found.map(([name]) => [name, stated.get(name)])).toEqual(found);
    expect(callNames.filter((name) => !callIndexes(session).has(name))).toEqual([
      'SubtensorModule.register_limit',
    ]);
  });

  const { address: hotkey } = minerHotkey;

  it.each(everyCall)('is told by its bytes what it does: %o', async (call, words) => {
    const extrinsic = await buildCall(session, NETUID, call, signal);
    expect(sayCall(session, extrinsic.method.toU8a()).words).toBe(words);
  });

  it('every owner call has its one value under the name that the runtime gives it', async () => {
    for (const call of Object.keys(ownerCalls) as OwnerCall[]) {
      const value = /enabled|allowed|toggle/.test(call) && !call.includes('min_allowed') ? true : 3n;
      const built = buildCall(session, NETUID, { kind: 'setHyperparameter', call, value }, signal);
      expect(sayCall(session, (await built).method.toU8a()).words, call).toContain(`subnet 38 to ${value}`);
    }
  });

  it('every kind of call is among those tried', () => {
    expect(new Set(everyCall.map(([{ kind }]) => kind))).toEqual(new Set(callKinds));
  });

  it.each([
    ['nothing', ''],
    ['a call that is not made here', '0000'],
    ['half a call', '0758aa'],
    ['bytes behind a call', '075c2600ff'],
  ])('%s is no call that could be signed', (_what, bytes) => {
    expect(() => sayCall(session, Buffer.from(bytes, 'hex'))).toThrow(AppError);
  });

  it('puts the price into a limited stake, and never makes it partial by itself', async () => {
    const order = { hotkey, amountRao: rao(7n), limitPriceRao: rao(9n), allowPartial: false };
    const { method } = await buildCall(session, NETUID, { kind: 'addStakeLimit', ...order }, signal);
    expect(method.toHex()).toMatch(/^0x0758[0-9a-f]{64}260007000000000000000900000000000000(00)$/);
  });

  it('says how weights are hidden: by quicknet, and opened an epoch later', async () => {
    const at = { netuid: NETUID, hash: hex('11'.repeat(32)), block: 5_000_000 };
    const terms = await readCommitTerms(session, at, hotkey, signal);
    if (terms.kind !== 'timelocked') throw new Error('393 has a time lock');
    const { reveal, publicKey, versionKey, pending } = terms;
    expect(Buffer.from(publicKey).toString('hex')).toBe(QUICKNET.publicKey);
    const { genesisS, periodS } = QUICKNET;
    expect(reveal).toEqual({
      ...{ block: 5_000_000, netuid: NETUID, blockMs: 12_000, tempo: 360, periodEpochs: 1 },
      ...{ nextEpochBlock: 361 * 13_851 - 39, isByNumber: true, timeMs: 0, beacon: { genesisS, periodS } },
    });
    expect([versionKey, pending]).toEqual([0, []]);
  });

  it('has extensions of its own beside those known here, and none of them carries bytes', () => {
    expect(findUnknownExtensions(session.registry.signedExtensions)).not.toEqual([]);
    expect(() => checkExtensions(session)).not.toThrow();
  });

  it('counts the fields of its metagraph as they are asked for', () => {
    const api = session.api.call.subnetInfoRuntimeApi?.getSelectiveMetagraph as unknown as {
      readonly meta: { readonly type: string };
    };
    // An answer without any field: the option, the netuid, and a zero for each other.
    const bytes = Uint8Array.of(1, ...new Uint8Array(200));
    const answer = session.registry.createTypeUnsafe(api.meta.type, [bytes]) as unknown as {
      unwrap(): { keys(): Iterable<string> };
    };
    const fields = [...answer.unwrap().keys()];
    expect(Object.values(selectivePlaces).map((place) => fields[place])).toEqual(
      Object.keys(selectivePlaces),
    );
  });

  it('has the items and calls that screens read, and lacks those of later rules', async () => {
    const at = hex('11'.repeat(32));
    // Nothing is stored behind this mock: the metadata's own defaults answer.
    expect(await readPruningRules(session, NETUID, at, signal)).toMatchObject({ minNonImmuneUids: 10 });
    expect(await readRegistration(session, NETUID, at, signal)).toMatchObject({ halfLifeBlocks: null });
    expect(await readEpochClock(session, NETUID, at, signal)).toMatchObject({ lastEpochBlock: null });
    const { subnetInfoRuntimeApi, stakeInfoRuntimeApi } = session.api.call;
    const asked = [
      subnetInfoRuntimeApi?.getSubnetHyperparamsV2,
      subnetInfoRuntimeApi?.getAllDynamicInfo,
      stakeInfoRuntimeApi?.getStakeInfoForColdkey,
    ];
    expect(asked.filter((call) => call === undefined)).toEqual([]);
  });

  it('is asked what it has instead of taken for granted', () => {
    expect(storageItem(session, 'SubtensorModule', 'LastEpochBlock')).toBeNull();
    expect(storageItem(session, 'NoSuchPallet', 'Item')).toBeNull();
    expect(() => requiredItem(session, 'SubtensorModule', 'LastEpochBlock')).toThrow(
      expect.objectContaining({ code: 'CHAIN_CALL_UNAVAILABLE' }),
    );
  });
});
