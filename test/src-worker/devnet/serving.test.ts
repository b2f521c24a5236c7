import { expect, test } from 'vitest';
import { alice, bob, call, eventNames, key, NETUID, openRig, options, query, TAO } from './rig.ts';

const miner = key('serving-miner');
const IP = 0x0a00_0001;

async function open() {
  const seats = [{ hotkey: miner.address, coldkey: alice.address }];
  const rig = await openRig(options({}, { neurons: seats, servingRateLimit: 5 }));
  const { api } = rig;
  const tls = (certificate: string) =>
    call(api, 'subtensorModule.serveAxonTls', NETUID, 1, IP, 80, 4, 4, 0, 0, certificate);
  const prometheus = (ip: number, port = 90) =>
    call(api, 'subtensorModule.servePrometheus', NETUID, 1, ip, port, 4);
  const read = async (item: string) =>
    (await query(api, `subtensorModule.${item}`, NETUID, miner.address)).toJSON();
  return { ...rig, tls, prometheus, read };
}

test('an axon is served with a certificate, whose key is at most 64 bytes', async () => {
  const { send, seal, tls, read } = await open();
  expect(eventNames(await send(tls(`0x02${'38'.repeat(64)}`), miner))).toContain(
    'subtensorModule.AxonServed',
  );
  expect(await read('neuronCertificates')).toEqual({ publicKey: `0x${'38'.repeat(64)}`, algorithm: 2 });
  await seal(5);
  // One that is none: the axon is served all the same.
  const result = await send(tls(`0x03${'77'.repeat(65)}`), miner);
  expect(result.dispatchError).toBeUndefined();
  expect(await read('neuronCertificates')).toMatchObject({ algorithm: 2 });
  expect((await read('axons')).block).toBeGreaterThan(5);
});

test('where measurements are read is served like an axon, but never at no address', async () => {
  const { outcome, send, seal, prometheus, read } = await open();
  expect(eventNames(await send(prometheus(IP), miner))).toContain('subtensorModule.PrometheusServed');
  expect(await read('prometheus')).toMatchObject({ ip: IP, port: 90, ipType: 4, version: 1 });
  expect(await outcome(prometheus(IP), miner)).toBe('subtensorModule.ServingRateLimitExceeded');
  await seal(5);
  expect(await outcome(prometheus(0), miner)).toBe('subtensorModule.InvalidIpAddress');
  expect(await outcome(prometheus(IP, 0), miner)).toBe('subtensorModule.InvalidPort');
  expect(await outcome(prometheus(IP), alice)).toBe('subtensorModule.HotKeyNotRegisteredInNetwork');
});

test('a hotkey in the place of another takes along what that has served', async () => {
  const { api, outcome, prometheus, tls, read } = await open();
  expect(await outcome(tls(`0x02${'38'.repeat(32)}`), miner)).toBeNull();
  expect(await outcome(prometheus(IP), miner)).toBeNull();
  const next = key('serving-next');
  const swap = call(api, 'subtensorModule.swapHotkey', miner.address, next.address, NETUID);
  expect(await outcome(swap, alice)).toBeNull();
  for (const item of ['neuronCertificates', 'prometheus', 'axons']) {
    expect(await read(item)).toBeNull();
    expect((await query(api, `subtensorModule.${item}`, NETUID, next.address)).isSome).toBe(true);
  }
});

test('a coldkey with a registered hotkey says who it is', async () => {
  const { api, outcome, send } = await open();
  const say = (name: string) => call(api, 'subtensorModule.setIdentity', name, 'u', 'g', 'i', 'd', 'x', '');
  expect(eventNames(await send(say('Alice'), alice))).toContain('subtensorModule.ChainIdentitySet');
  const told = (await query(api, 'subtensorModule.identitiesV2', alice.address)).unwrap();
  expect(told.name.toUtf8()).toBe('Alice');
  expect(await outcome(say('a'.repeat(257)), alice)).toBe('subtensorModule.InvalidIdentity');
  await outcome(call(api, 'balances.transferKeepAlive', bob.address, TAO), alice);
  expect(await outcome(say('Bob'), bob)).toBe('subtensorModule.HotKeyNotRegisteredInNetwork');
});
