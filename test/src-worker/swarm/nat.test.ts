import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NatRig, type RiggedNode, type RouterKind } from './nat-rig.ts';
import { hotkeyOf } from './node-rig.ts';

/** Real sockets through routers that are namespaces; needs root, `ip` and `iptables`. */
const canRun = Boolean(process.env.BUTTERFLY_LONG) && NatRig.whyNot() === null;
const LIMIT_MS = 180_000;

let rig: NatRig;
const open = (kind: RouterKind) => {
  rig = new NatRig(kind);
  rig.build();
};
afterEach(() => rig.stop());

/** The public member, and one behind the left router that holds a place at it. */
async function settled(): Promise<{ readonly first: RiggedNode; readonly left: RiggedNode }> {
  const first = rig.start('public');
  await first.ready();
  const left = rig.start('left');
  await left.reachability(({ state }) => state === 'relayed');
  return { first, left };
}

const metBy = (node: RiggedNode, number: number) =>
  node.heard(({ name, payload }) => {
    const peer = payload as { hotkey?: string; connected?: boolean };
    return name === 'peer' && peer.hotkey === hotkeyOf(number) && peer.connected === true;
  });

describe.runIf(canRun)('behind routers that let only answers in', () => {
  beforeEach(() => open('port-restricted'));

  it(
    'others say who is reached and who is not, and those who are not hold a place at those who are',
    async () => {
      const { first, left } = await settled();
      const open = await first.reachability(
        ({ state, isRelay, relayPlaces }) => state === 'public' && Boolean(isRelay) && relayPlaces === 1,
      );
      expect(open.payload).toMatchObject({ address: '/ip4/198.51.100.9/tcp/4001', reached: 1 });
      const found = await left.reachability(({ state }) => state === 'relayed');
      expect(found.payload).toMatchObject({ reached: 0, asked: 1, relays: [hotkeyOf(0)] });
    },
    LIMIT_MS,
  );

  it(
    'two of them meet through a third one, and then have a direct connection',
    async () => {
      await settled();
      const right = rig.start('right');
      const met = await metBy(right, 1);
      expect((met.payload as { address: string }).address).toContain('/p2p-circuit');
      const apart = await right.reachability(({ relayed }) => relayed === 1);
      const direct = await right.reachability(({ direct, relayed }) => direct === 2 && relayed === 0);
      expect(direct.atMs).toBeGreaterThanOrEqual(apart.atMs);
    },
    LIMIT_MS,
  );
});

describe.runIf(canRun)('behind routers that give each goal another port', () => {
  beforeEach(() => open('symmetric'));

  it(
    'two of them stay connected through a third one',
    async () => {
      await settled();
      const right = rig.start('right');
      await metBy(right, 1);
      await right.heard(({ name, payload }) => name === 'log' && String(payload).startsWith('no direct way'));
      const last = right.told.findLast(({ name }) => name === 'reachability');
      expect(last?.payload).toMatchObject({ direct: 1, relayed: 1 });
    },
    LIMIT_MS,
  );
});
