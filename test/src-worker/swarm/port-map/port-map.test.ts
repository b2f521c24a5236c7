import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectionIn } from '../../../../src-worker/swarm/port-map/igd.ts';
import { LEASE_S, RENEW_EVERY_MS, ROUTER_BYTES_MAX } from '../../../../src-worker/swarm/port-map/limits.ts';
import { gatewayIn, natPmp } from '../../../../src-worker/swarm/port-map/nat-pmp.ts';
import { PortMap } from '../../../../src-worker/swarm/port-map/port-map.ts';
import { type RouterProtocol, RouterRefusal } from '../../../../src-worker/swarm/port-map/router.ts';
import { locationIn } from '../../../../src-worker/swarm/port-map/ssdp.ts';
import { upnp } from '../../../../src-worker/swarm/port-map/upnp.ts';
import { description, fakePmpRouter, fakeRouter } from './fake-router.ts';

const never = new AbortController().signal;

describe('a port by UPnP', () => {
  let router: Awaited<ReturnType<typeof fakeRouter>>;
  beforeEach(async () => {
    router = await fakeRouter();
  });
  afterEach(() => router.stop());
  const opened = (port: number) => upnp(router.at).open(port, never);

  it('is opened for this computer, for an hour, and closed again', async () => {
    const open = await opened(4001);
    expect(open).toMatchObject({ by: 'upnp', host: '198.51.100.1', port: 4001 });
    expect([...router.ports.values()]).toEqual([
      { port: 4001, client: '127.0.0.1', inner: 4001, leaseS: LEASE_S },
    ]);
    await open!.close(never);
    expect(router.ports.size).toBe(0);
  });

  it('is another one outside where that one is taken, and for ever where the router knows no other', async () => {
    router.refusals.push(718, 725);
    const open = await opened(4001);
    expect(open!.port).toBeGreaterThanOrEqual(49_152);
    expect(router.ports.get(open!.port)).toMatchObject({ inner: 4001, leaseS: 0 });
  });

  it('is refused with the router’s number, and not asked for without end', async () => {
    router.refusals.push(606);
    await expect(opened(4001)).rejects.toMatchObject({ number: 606 });
    router.refusals.push(...Array(20).fill(718));
    await expect(opened(4001)).rejects.toMatchObject({ number: 718 });
    expect(router.refusals.length).toBeGreaterThan(10);
  });

  it('is none where a device answers that opens no ports, says too much, or points elsewhere', async () => {
    router.described.text = '<root/>';
    expect(await opened(4001)).toBeNull();
    router.described.text = `${description('/ctl')}${' '.repeat(ROUTER_BYTES_MAX)}`;
    expect(await opened(4001)).toBeNull();
    router.described.text = description('/ctl');
    router.described.location = 'http://localhost:1/desc.xml';
    expect(await opened(4001)).toBeNull();
    expect(router.asked).toEqual([]);
  }, 20_000);
});

describe('what routers say of themselves', () => {
  const from = '192.168.1.1';
  it('counts for the one that says it, over plain HTTP, and for nobody else', () => {
    const answer = (location: string) => `HTTP/1.1 200 OK\r\nLocation: ${location}\r\n\r\n`;
    expect(locationIn(answer(`http://${from}:5000/d.xml`), from)?.port).toBe('5000');
    for (const other of ['http://192.168.1.2/d.xml', 'https://192.168.1.1/d.xml', 'file:///etc/passwd', 'x'])
      expect(locationIn(answer(other), from)).toBeNull();
    expect(locationIn(`NOTIFY * HTTP/1.1\r\nLocation: http://${from}/\r\n\r\n`, from)).toBeNull();
  });

  it('names the service that opens ports, at the same host', () => {
    const at = new URL(`http://${from}/d.xml`);
    expect(connectionIn(description('/ctl'), at)?.control.href).toBe(`http://${from}/ctl`);
    expect(connectionIn(description('http://192.168.1.9/ctl'), at)).toBeNull();
    expect(connectionIn(description(''), at)).toBeNull();
    expect(connectionIn('<root/>', at)).toBeNull();
  });

  it('has the gateway in the table of routes, its last byte first', () => {
    const head = 'Iface\tDestination\tGateway\tFlags\n';
    expect(gatewayIn(`${head}eth0\t0001A8C0\t00000000\t1\neth0\t00000000\t0101A8C0\t3\n`)?.host).toBe(from);
    expect(gatewayIn(head)).toBeNull();
    expect(gatewayIn('')).toBeNull();
  });
});

describe('a port by NAT-PMP', () => {
  it('is opened, with the outer port that the router gives, and closed again', async () => {
    const router = await fakePmpRouter();
    const open = await natPmp(async () => router.at).open(4001, never);
    expect(open).toMatchObject({ by: 'nat-pmp', host: '198.51.100.1', port: 4002 });
    await open!.close(never);
    expect(router.mapped).toEqual([
      { inner: 4001, outer: 4001, leaseS: LEASE_S },
      { inner: 4001, outer: 0, leaseS: 0 },
    ]);
    await router.stop();
  });

  it('is refused with the router’s number', async () => {
    const router = await fakePmpRouter(2);
    await expect(natPmp(async () => router.at).open(4001, never)).rejects.toMatchObject({ number: 2 });
    await router.stop();
  });

  it('is none where there is no router', async () => {
    expect(await natPmp(async () => null).open(4001, never)).toBeNull();
  });
});

describe('the port for peers', () => {
  const opens = (log: string[]): RouterProtocol => ({
    async open(port) {
      log.push('open');
      return { by: 'upnp', host: '198.51.100.1', port, close: async () => void log.push('close') };
    },
  });
  const refuses: RouterProtocol = { open: () => Promise.reject(new RouterRefusal(606)) };
  const silent: RouterProtocol = { open: async () => null };
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is asked for once it is known, again before the router forgets it, and given back at the end', async () => {
    const log: string[] = [];
    const map = new PortMap([opens(log)]);
    map.start(4001);
    await map.look();
    expect(map.mapping).toEqual({
      ...{ state: 'open', by: 'upnp', address: '/ip4/198.51.100.1/tcp/4001', refusal: null },
    });
    await vi.advanceTimersByTimeAsync(RENEW_EVERY_MS);
    await map.stop();
    expect(log).toEqual(['open', 'open', 'close']);
  });

  it('is given back at the end though its router did not answer meanwhile', async () => {
    const log: string[] = [];
    let isSilent = false;
    const one = opens(log);
    const map = new PortMap([{ open: async (...asked) => (isSilent ? null : one.open(...asked)) }]);
    map.start(4001);
    await map.look();
    isSilent = true;
    await map.look();
    expect(map.mapping.state).toBe('none');
    await map.stop();
    expect(log).toEqual(['open', 'close']);
  });

  it('says what the router said, where none opens it', async () => {
    const refused = new PortMap([refuses, silent]);
    refused.start(4001);
    await refused.look();
    expect(refused.mapping).toMatchObject({ state: 'refused', refusal: 606, address: null });
    const none = new PortMap([silent]);
    none.start(4001);
    await none.look();
    expect(none.mapping.state).toBe('none');
    await Promise.all([refused.stop(), none.stop()]);
  });

  it('is asked for another way where the first one is refused', async () => {
    const map = new PortMap([refuses, opens([])]);
    map.start(4001);
    await map.look();
    expect(map.mapping.state).toBe('open');
    await map.stop();
  });

  it('is not asked for where the user does not want it', async () => {
    const map = new PortMap([]);
    map.start(4001);
    await map.look();
    expect(map.mapping.state).toBe('off');
    await map.stop();
  });

  it('is given back also when it came while everything stops', async () => {
    const log: string[] = [];
    const map = new PortMap([opens(log)]);
    map.start(4001);
    await map.stop();
    expect(log).toEqual(['open', 'close']);
  });
});
