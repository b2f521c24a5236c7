import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { WebSocket, WebSocketServer } from 'ws';
import type { BlockRef, Signer } from '../../../src-main/network/chain.ts';
import type { ConnectedChain } from '../../../src-main/network/client.ts';
import type { ExpectedSubnet } from '../../../src-main/network/expected-subnet.ts';
import { openNetwork } from '../../../src-main/network/network.ts';
import { signable } from '../../../src-main/vault/account-key.ts';
import { ss58 } from '../../../src-shared/units.ts';
import { type Devnet, startDevnet } from '../../../src-worker/devnet/start.ts';

export const NETUID = 38;
export const SUBNET_NAME = 'Practice';
/** What the test chain's subnet is, whoever owns it. */
export const EXPECTED: ExpectedSubnet = { name: SUBNET_NAME, ownerColdkey: null };
export const CONTROL_TOKEN = 'a token for these tests';

await cryptoWaitReady();
const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });

/** A signer that signs whatever it is given: the chain client alone is tested with it. */
export function testSigner(uri: string): Signer {
  const pair = keyring.createFromUri(uri);
  return { address: ss58(pair.address), sign: async (payload) => pair.sign(signable(payload)) };
}

export const owner = testSigner('//owner');
export const ownerHotkey = testSigner('//owner-hotkey');
export const miner = testSigner('//miner');
export const minerHotkey = testSigner('//miner-hotkey');
export const poor = testSigner('//poor');

export const testSubnet = {
  netuid: NETUID,
  name: SUBNET_NAME,
  ownerColdkey: owner.address,
  ownerHotkey: ownerHotkey.address,
  taoReserveRao: 1_000_000_000_000n,
  alphaReserveRao: 1_000_000_000_000n,
};

/** A practice chain that seals when the test says so. */
export async function startTestChain(
  options: Partial<Parameters<typeof startDevnet>[0]> = {},
): Promise<Devnet & { readonly stopped: AbortController }> {
  const stopped = new AbortController();
  const devnet = await startDevnet(
    {
      dataDir: null,
      port: 0,
      seed: '07'.repeat(32),
      blockMs: null,
      genesisTimeMs: 1_700_000_000_000,
      controlToken: CONTROL_TOKEN,
      accounts: [
        { ss58: owner.address, freeRao: 1_000_000_000_000n },
        { ss58: miner.address, freeRao: 1_000_000_000_000n },
      ],
      subnets: [testSubnet],
      ...options,
    },
    stopped.signal,
  );
  return { ...devnet, stopped };
}

/** The chain of one subnet over a network of its own, which ends with it. */
export type TestChain = ConnectedChain & { stop(): Promise<void> };

export async function connect(
  endpoints: readonly string[],
  signal: AbortSignal,
  { netuid = NETUID, expected = EXPECTED }: { netuid?: number; expected?: ExpectedSubnet | null } = {},
): Promise<TestChain> {
  const network = await openNetwork({ endpoints, log: () => undefined, signal });
  try {
    return Object.assign(await network.subnet(netuid, expected, signal), { stop: network.stop });
  } catch (thrown) {
    await network.stop();
    throw thrown;
  }
}

/** Resolves with the first block told from now on that satisfies the condition. */
export function when(
  chain: ConnectedChain,
  event: 'head' | 'finalized',
  fits: (block: BlockRef) => boolean,
): Promise<BlockRef> {
  return new Promise((resolve) => {
    const off = chain.on(event, (block) => {
      if (!fits(block)) return;
      off();
      resolve(block);
    });
  });
}

export const connectedIs = (chain: ConnectedChain, wanted: boolean): Promise<void> =>
  new Promise((resolve) => {
    const off = chain.on('connection', (connected) => {
      if (connected !== wanted) return;
      off();
      resolve();
    });
    if (chain.connected === wanted) {
      off();
      resolve();
    }
  });

/** Seals one block after the other until the work has ended: what a running chain would do. */
export async function sealing<T>(devnet: Pick<Devnet, 'sealBlock'>, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const sealed = (async () => {
    while (!over.signal.aborted) {
      await setTimeout(BLOCK_MS);
      // By turns of the loop too: on a busy machine the client needs longer for what it asks of a block.
      for (let turn = 0; turn < TURNS_PER_BLOCK; turn++) await setImmediate();
      if (!over.signal.aborted) devnet.sealBlock();
    }
  })();
  try {
    return await work;
  } finally {
    over.abort();
    await sealed;
  }
}

const BLOCK_MS = 20;
const TURNS_PER_BLOCK = 20;

/** A wire to a node that a test can cut, mend, make deaf in one direction, and read along. */
export interface Wire {
  readonly url: string;
  /** Methods asked for, in order. */
  readonly asked: readonly string[];
  /** What the client sent, as it sent it: a frame may ask for several things. */
  readonly frames: readonly string[];
  /** The newest thing the node said that contains this text. */
  lastSaid(text: string): string;
  /** Says something to the client in the node's place. */
  say(text: string): void;
  /** Ends all connections and refuses new ones. */
  cut(): void;
  mend(): void;
  /** New connections go to this node from now on. */
  leadTo(target: string): void;
  /** Lets requests pass and swallows every answer from now on, until the wire is cut. */
  swallowAnswers(): void;
  /** The next request of this method reaches no node, and its connection ends. */
  swallowNext(method: string): void;
  /** Answers in the node's place what this gives for a request, or says a `Refusal`; undefined leaves the node's own word. */
  lieWith(lie: (method: string, params: readonly unknown[]) => unknown): void;
  /** Sockets that came so far. */
  readonly sockets: number;
  /** Swallows what the node says with this text in it, on the connections that are open now. */
  swallow(text: string): void;
  /** Lets the next request of this method pass, and answers it with this error in the node's place. */
  answerNext(method: string, code: number): void;
  stop(): Promise<void>;
}

/** What a node says no with. */
export class Refusal {
  readonly error: { readonly code: number; readonly message: string };
  constructor(code: number, message: string) {
    this.error = { code, message };
  }
}

/** The key under which a chain keeps the events of a block. */
export const EVENTS_KEY = '0x26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7';

/** A node that has thrown old states away: of no block does it tell events. */
export const withoutEvents = (method: string, params: readonly unknown[]): Refusal | undefined =>
  method === 'state_queryStorageAt' && JSON.stringify(params).includes(EVENTS_KEY)
    ? new Refusal(4003, 'Client error: UnknownBlock: State already discarded for this block')
    : undefined;

/** The requests of a frame: one, or those of a batch. */
export const requestsIn = (
  frame: string,
): readonly { readonly id: number; readonly method: string; readonly params: readonly unknown[] }[] =>
  [JSON.parse(frame)].flat();

export async function startWire(first: string): Promise<Wire> {
  let target = first;
  let isCut = false;
  let isDeaf = false;
  const asked: string[] = [];
  const frames: string[] = [];
  const said: string[] = [];
  let dropping: string | null = null;
  let instead: { readonly method: string; readonly code: number } | null = null;
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, verifyClient: () => !isCut });
  await once(server, 'listening');
  const mutes = new Map<WebSocket, string>();
  let lie: (method: string, params: readonly unknown[]) => unknown = () => undefined;
  let sockets = 0;
  server.on('connection', (near) => {
    sockets++;
    const changed = new Map<number, object>();
    const altered = (frame: string): string => {
      const parsed = JSON.parse(frame);
      const said = [parsed].flat().map((each) => changed.get(each.id) ?? each);
      return JSON.stringify(Array.isArray(parsed) ? said : said[0]);
    };
    const far = new WebSocket(target);
    const opened = once(far, 'open');
    opened.catch(() => near.terminate());
    far.on('error', () => near.terminate());
    far.on('close', () => near.terminate());
    near.on('close', () => far.terminate());
    near.on('message', async (raw) => {
      frames.push(String(raw));
      for (const { id, method, params } of requestsIn(String(raw))) {
        asked.push(method);
        if (method === dropping) {
          dropping = null;
          near.terminate();
          return;
        }
        const lied = lie(method, params);
        if (lied instanceof Refusal) changed.set(id, { jsonrpc: '2.0', id, error: lied.error });
        else if (lied !== undefined) changed.set(id, { jsonrpc: '2.0', id, result: lied });
        if (method !== instead?.method) continue;
        const error = { code: instead.code, message: 'the node behind did not answer in time' };
        changed.set(id, { jsonrpc: '2.0', id, error });
        instead = null;
      }
      await opened.then(
        () => far.send(String(raw)),
        () => undefined,
      );
    });
    far.on('message', (raw) => {
      said.push(String(raw));
      const mute = mutes.get(near);
      if (mute !== undefined && String(raw).includes(mute)) return;
      if (!isDeaf) near.send(altered(String(raw)));
    });
  });
  const drop = () => {
    for (const client of server.clients) client.terminate();
  };
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    frames,
    get sockets() {
      return sockets;
    },
    lieWith(wanted) {
      lie = wanted;
    },
    lastSaid: (text) => said.findLast((line) => line.includes(text)) ?? '',
    say(text) {
      for (const client of server.clients) client.send(text);
    },
    cut() {
      isCut = true;
      isDeaf = false;
      drop();
    },
    mend() {
      isCut = false;
    },
    leadTo(next) {
      target = next;
    },
    answerNext(method, code) {
      instead = { method, code };
    },
    swallowAnswers() {
      isDeaf = true;
    },
    swallowNext(method) {
      dropping = method;
    },
    swallow(text) {
      for (const client of server.clients) mutes.set(client, text);
    },
    stop() {
      drop();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
