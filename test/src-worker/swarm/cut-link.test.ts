import { connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, expect, it, onTestFinished } from 'vitest';
import { parameterCount } from '../../../src-shared/model/layout.ts';
import { consensus, dropAll, Node, never, readyOf, stopAll } from './node-rig.ts';
import { gridOf, rosterOf } from './round.ts';

afterEach(stopAll);
afterAll(dropAll);

/** The way to a node from the other side of the link. While the link is cut, who dials it is turned away. */
async function wayTo(node: Node, link: { isUp: boolean }): Promise<string> {
  const port = Number(node.address.split('/')[4]);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    if (!link.isUp) return near.destroy();
    const far = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy()).pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `/ip4/127.0.0.1/tcp/${(server.address() as { port: number }).port}`;
}

const allMeet = (nodes: readonly Node[]) =>
  Promise.all(
    nodes.flatMap((one) => nodes.filter((other) => other !== one).map((other) => one.meets(other))),
  );

it('two halves that formed around two bootstrap addresses are one swarm once the link between them heals', async () => {
  const link = { isUp: false };
  const doors = [await Node.start(0), await Node.start(1)] as const;
  const ways = [await wayTo(doors[0], link), await wayTo(doors[1], link)] as const;
  const left = [doors[0]];
  const right = [doors[1]];
  for (const number of [2, 3, 4]) left.push(await Node.start(number, [doors[0].address, ways[1]]));
  for (const number of [5, 6, 7]) right.push(await Node.start(number, [ways[0], doors[1].address]));
  const all = [...left, ...right];
  for (const node of all) await node.members(all, [doors[0]]);
  await Promise.all([allMeet(left), allMeet(right)]);
  for (const node of all) await node.swarm.handlers.announceReady(readyOf(node, 4), never);
  for (const half of [left, right])
    for (const node of half) {
      for (const other of half)
        if (other !== node) await node.heard('ready', ({ hotkey }) => hotkey === other.hotkey);
      const met = node.told.flatMap((event) => (event.name === 'ready' ? [event.payload] : []));
      expect(met).toHaveLength(half.length - 1);
    }

  link.isUp = true;
  await allMeet(all);
  // What was said on the other side of the cut link is heard, and the witness's roster reaches both halves.
  for (const node of all)
    for (const other of all)
      if (other !== node) await node.heard('ready', ({ hotkey }) => hotkey === other.hotkey);
  const grid = gridOf(parameterCount(consensus.model), consensus);
  const { roster, rosterDigest } = rosterOf(
    4,
    grid,
    all.map(({ member }) => ({ member, put: null })),
  );
  await doors[0].swarm.handlers.proposeRoster(roster, never);
  for (const node of all) expect(await node.heard('roster', () => true)).toEqual({ roster, rosterDigest });
});
