import { once } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { decodeExtrinsic } from '../../../src-worker/devnet/chain/extrinsic.ts';
import {
  MAX_BATCH,
  MAX_CONNECTIONS,
  MAX_FRAME_BYTES,
  MAX_SUBSCRIPTIONS_PER_SOCKET,
} from '../../../src-worker/devnet/limits.ts';
import { Runtime } from '../../../src-worker/devnet/runtime/runtime.ts';
import { compactBytes, Reader, ScaleError } from '../../../src-worker/devnet/scale/wire.ts';
import { type Devnet, startDevnet } from '../../../src-worker/devnet/start.ts';
import { runs } from '../../runs.ts';
import { alice, NETUID, options, TOKEN } from './genesis.ts';

let devnet: Devnet;
beforeAll(async () => {
  devnet = await startDevnet(options(), new AbortController().signal);
});
afterAll(() => devnet.stop());

async function dial(settings: WebSocket.ClientOptions = {}): Promise<WebSocket> {
  const socket = new WebSocket(devnet.url, settings);
  await once(socket, 'open');
  return socket;
}

/** Sends a frame and resolves with the next one. */
async function ask(socket: WebSocket, frame: unknown): Promise<unknown> {
  socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  const [answer] = await once(socket, 'message');
  return JSON.parse(String(answer));
}

const request = (method: string, ...params: unknown[]) => ({ jsonrpc: '2.0', id: 1, method, params });
const refusal = (settings: WebSocket.ClientOptions) =>
  new Promise<string>((resolve) =>
    new WebSocket(devnet.url, settings).on('error', ({ message }) => resolve(message)),
  );

describe('who may come in', () => {
  test.each([
    ['a page of another origin', { origin: 'https://example.org' }],
    ['a page on another loopback port', { origin: 'http://127.0.0.1:1' }],
    ['a name that was rebound to loopback', { headers: { host: 'evil.example:9944' } }],
  ])('%s is refused', async (_who, settings) => {
    expect(await refusal(settings)).toMatch(/403/);
  });

  test('connections are capped, and a place is free again when one leaves', async () => {
    const sockets = await Promise.all(Array.from({ length: MAX_CONNECTIONS }, () => dial()));
    await Promise.all(sockets.map((socket) => ask(socket, request('system_chain'))));
    expect(await refusal({})).toMatch(/503/);
    for (const socket of sockets) socket.close();
    await Promise.all(sockets.map((socket) => once(socket, 'close')));
    (await dial()).close();
  });

  test('a frame above the limit ends its connection and nobody else', async () => {
    const [loud, quiet] = [await dial(), await dial()];
    loud.send('x'.repeat(MAX_FRAME_BYTES + 1));
    const [code] = await once(loud, 'close');
    expect(code).toBe(1009);
    expect(await ask(quiet, request('system_chain'))).toMatchObject({ result: 'Butterfly Practice' });
    quiet.close();
  });
});

describe('JSON-RPC', () => {
  test.each([
    ['text that is no JSON', '{', -32700],
    ['an empty batch', [], -32600],
    ['a batch above the limit', Array.from({ length: MAX_BATCH + 1 }, () => request('system_chain')), -32600],
    ['a number', 38, -32600],
    ['an unknown method', request('author_rotateKeys'), -32601],
    ['a name of the prototype', request('constructor'), -32601],
    [
      'parameters that are no list',
      { jsonrpc: '2.0', id: 1, method: 'system_chain', params: { a: 1 } },
      -32600,
    ],
    ['a key that is no hex', request('state_getStorage', '0xzz'), -32602],
    ['an unknown block', request('state_getStorage', '0x00', `0x${'11'.repeat(32)}`), 4003],
    ['an unknown runtime API', request('state_call', 'Core_execute_block', '0x'), 4003],
    [
      'arguments that do not decode',
      request('state_call', 'SwapRuntimeApi_current_alpha_price', '0x26'),
      -32602,
    ],
    ['an extrinsic that does not decode', request('author_submitExtrinsic', '0x00'), 1002],
    ['an address that is none', request('system_accountNextIndex', 'abc'), -32602],
    ['a control method without its token', request('devnet_sealBlock'), -32602],
    ['a block time that no chain keeps up with', request('devnet_setBlockMs', TOKEN, 1), -32602],
    ['a block time for a chain sealed on request', request('devnet_setBlockMs', TOKEN, 1_000), -32000],
    ['a control method with a wrong token', request('devnet_sealBlock', `${TOKEN}!`), -32001],
  ])('%s gets its code', async (_what, frame, code) => {
    const socket = await dial();
    expect(await ask(socket, frame)).toMatchObject({ error: { code } });
    socket.close();
  });

  test('a batch is answered as a batch, faults in their places', async () => {
    const socket = await dial();
    const answers = await ask(socket, [
      request('system_chain'),
      request('no_such'),
      { ...request('system_name'), id: 'b' },
    ]);
    expect(answers).toMatchObject([
      { id: 1, result: 'Butterfly Practice' },
      { error: { code: -32601 } },
      { id: 'b' },
    ]);
    socket.close();
  });

  test('a stalled chain seals again when told', async () => {
    const timed = await startDevnet(options({ blockMs: 50 }), new AbortController().signal);
    const socket = new WebSocket(timed.url);
    await once(socket, 'open');
    const heads: number[] = [];
    await ask(socket, request('devnet_stall', TOKEN, true));
    const number = async () =>
      Number(
        ((await ask(socket, request('chain_getHeader'))) as { result: { number: string } }).result.number,
      );
    const held = await number();
    heads.push(await number());
    expect(heads).toEqual([held]);
    await ask(socket, request('devnet_stall', TOKEN, false));
    while ((await number()) === held);
    socket.close();
    await timed.stop();
  });

  test('subscriptions of one connection are capped', async () => {
    const socket = await dial();
    const answers = new Promise<number>((resolve) => {
      let refused = 0;
      socket.on('message', (frame) => {
        const { id, error } = JSON.parse(String(frame));
        if (error) refused++;
        if (id === MAX_SUBSCRIPTIONS_PER_SOCKET + 3) resolve(refused);
      });
    });
    for (let id = 1; id <= MAX_SUBSCRIPTIONS_PER_SOCKET + 3; id++)
      socket.send(JSON.stringify({ ...request('chain_subscribeFinalizedHeads'), id }));
    expect(await answers).toBe(3);
    socket.close();
  });

  test('whatever a frame holds, the answer is well formed and the chain goes on', async () => {
    const socket = await dial();
    const { methods } = ((await ask(socket, request('rpc_methods'))) as { result: { methods: string[] } })
      .result;
    const plain = methods.filter((name) => !name.includes('ubscribe') && !name.includes('atch'));
    const param = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('0x', `0x${'00'.repeat(40)}`, alice.address, -1, 2 ** 53, NETUID, TOKEN),
    );
    const frame = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({
        jsonrpc: fc.constant('2.0'),
        id: fc.oneof(fc.integer(), fc.string(), fc.jsonValue()),
        method: fc.constantFrom(...plain),
        params: fc.array(param, { maxLength: 4 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(frame, async (sent) => {
        const text = typeof sent === 'string' ? sent : JSON.stringify(sent);
        // A notification gets no answer, so a known request follows each frame.
        socket.send(text);
        const marker = await new Promise<unknown>((resolve) => {
          const take = (raw: WebSocket.RawData) => {
            const answer = JSON.parse(String(raw));
            if (answer.id !== 'marker') return;
            socket.off('message', take);
            resolve(answer.result);
          };
          socket.on('message', take);
          socket.send(JSON.stringify({ ...request('system_chain'), id: 'marker' }));
        });
        expect(marker).toBe('Butterfly Practice');
      }),
      { numRuns: runs(300, 3_000) },
    );
    socket.close();
  });
});

describe('extrinsic decoder', () => {
  const { codecs } = new Runtime({
    blockMs: 1_000,
    netuids: [NETUID],
    rules: { refuseLoopbackAxons: false, beaconSecret: 38n },
  });
  const decode = (bytes: Uint8Array) => {
    try {
      return decodeExtrinsic(bytes, codecs);
    } catch (thrown) {
      if (thrown instanceof ScaleError) return null;
      throw thrown;
    }
  };
  const body = (call: Uint8Array): Uint8Array => {
    const rest = Buffer.concat([
      Uint8Array.of(0x84, 0),
      alice.publicKey,
      Uint8Array.of(1),
      new Uint8Array(64),
      Uint8Array.of(0, 4, 0, 0),
      call,
    ]);
    return new Uint8Array(Buffer.concat([compactBytes(BigInt(rest.length)), rest]));
  };

  test('random bytes decode or fail in the one known way, and never run past their end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.uint8Array({ maxLength: 300 }), (raw, call) => {
        decode(raw);
        const whole = body(call);
        const extrinsic = decode(whole);
        if (extrinsic) expect(extrinsic.signedCall).toEqual(call);
      }),
      { numRuns: runs(2_000, 20_000) },
    );
  });

  test('every prefix and every one-byte extension of a good extrinsic is refused', () => {
    const remark = Uint8Array.of(0, 0, 8, 0x38, 0x38);
    const good = body(remark);
    expect(decode(good)?.call).toMatchObject({ type: 'System', value: { type: 'remark' } });
    for (let length = 0; length < good.length; length++) expect(decode(good.slice(0, length))).toBeNull();
    expect(decode(Uint8Array.of(...good, 0))).toBeNull();
  });

  test('batches nested beyond the limit are refused before the stack is', () => {
    const nested = (depth: number): number[] => (depth === 0 ? [0, 0, 0] : [11, 0, 4, ...nested(depth - 1)]);
    expect(decode(body(Uint8Array.from(nested(3))))).not.toBeNull();
    expect(decode(body(Uint8Array.from(nested(4))))).toBeNull();
    expect(decode(body(Uint8Array.from(nested(500))))).toBeNull();
  });

  test('a vector that claims more than there is is refused before it is made', () => {
    const claims = Uint8Array.of(0, 0, 0xfe, 0xff, 0xff, 0xff);
    expect(decode(body(claims))).toBeNull();
  });

  test('compact integers round trip and only in their shortest form', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (value) => {
        expect(new Reader(compactBytes(value)).compact()).toBe(value);
      }),
      { numRuns: runs(500, 5_000) },
    );
    expect(() => new Reader(Uint8Array.of(1, 0)).compact()).toThrow(ScaleError);
  });
});
