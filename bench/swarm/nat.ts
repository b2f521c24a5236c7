import { median } from '../../src-shared/reduce/norms.ts';
import { NatRig, type RiggedNode, type RouterKind } from '../../test/src-worker/swarm/nat-rig.ts';
import { hotkeyOf } from '../../test/src-worker/swarm/node-rig.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';

const UNIT = 's';
const TRIES = 5;
/** Longest that one try may take, its processes included. */
const TRY_LIMIT_MS = 60_000;

/**
 * Seconds from the start of a member behind a router until it has a direct connection to another one behind a router
 * that it does not know, with a third, public one as the only one whose address it has.
 */
export const natDirect = (): Promise<Figure> =>
  measured('nat-direct-s', { floor: 5, goal: 3 }, 'port-restricted', (node) =>
    node.reachability(({ direct, relayed }) => direct === 2 && relayed === 0),
  );

/** The same until it has any connection to it, behind routers that let nobody through directly. */
export const natRelay = (): Promise<Figure> =>
  measured('nat-relay-s', { floor: 2, goal: 1 }, 'symmetric', (node) =>
    node.heard(({ name, payload }) => {
      const peer = payload as { readonly hotkey?: string; readonly connected?: boolean };
      return name === 'peer' && peer.hotkey === hotkeyOf(1) && peer.connected === true;
    }),
  );

async function measured(
  name: string,
  held: { readonly floor: number; readonly goal: number },
  kind: RouterKind,
  until: (node: RiggedNode) => Promise<{ readonly atMs: number }>,
): Promise<Figure> {
  const why = NatRig.whyNot();
  if (why !== null) return unmeasured(name, UNIT, why, held);
  const rig = new NatRig(kind);
  try {
    rig.build();
    const first = rig.start('public');
    await soon(first.ready());
    await soon(rig.start('left').reachability(({ state }) => state === 'relayed'));
    const seconds: number[] = [];
    for (let i = 0; i < TRIES; i++) {
      const right = rig.start('right');
      const began = await soon(right.heard((told) => told.name === 'starts'));
      const met = await soon(until(right));
      seconds.push((met.atMs - began.atMs) / 1_000);
      await right.stop();
    }
    const seen = `${kind} routers: ${seconds.map((one) => one.toFixed(2)).join(' ')}`;
    return figure(name, median(seconds), UNIT, { ...held, seen });
  } finally {
    await rig.stop();
  }
}

/** @throws {Error} when it takes too long */
async function soon<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('the members have not met')), TRY_LIMIT_MS);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
