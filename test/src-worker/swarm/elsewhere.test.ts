import { afterAll, afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { dropAll, mesh, Node, never, stop, stopAll } from './node-rig.ts';
import { testMember } from './round.ts';

afterEach(stopAll);
afterAll(dropAll);

/** A later start of that hotkey, on another machine: with a peer key of its own. */
async function newerStart(number: number, bootstrap: string[]): Promise<Node> {
  const member = await testMember(77);
  return Node.start(number, bootstrap, { member, binding: { peerKey: member.key.publicKey, seq: 2 } });
}

const peerIdOf = (node: Node) => node.swarm.facts.peerId;
const tellsOf = (told: Node, about: Node) =>
  told.told.filter(({ name, payload }) => {
    const peer = payload as { hotkey: string; peerId: string };
    return name === 'peer' && peer.hotkey === about.hotkey && peer.peerId === peerIdOf(about);
  });
const sights = (older: Node, newer: Node) =>
  older.heard('peer', ({ hotkey, peerId }) => hotkey === newer.hotkey && peerId === peerIdOf(newer));

it.each(['older', 'newer'] as const)(
  'only the older of two starts of a hotkey is told when the %s one knocks at the other',
  async (who) => {
    const lines = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => lines.mockRestore());
    const newer = await newerStart(1, []);
    const older = await Node.start(1, who === 'older' ? [newer.address] : []);
    for (const node of [older, newer]) await node.members([older]);
    if (who === 'newer') await newer.finds(older, (await testMember(2)).hotkey);
    await sights(older, newer);
    // Who knocked has read the other's answer by then.
    const left = () => lines.mock.calls.some(([line]) => /outbound .* our own hotkey/.test(String(line)));
    await vi.waitFor(() => expect(left()).toBe(true), { timeout: 20_000 });
    expect(tellsOf(newer, older)).toEqual([]);
  },
);

it('an older start hears of the newer one from whoever is connected to that, at every knock', async () => {
  const [third, older] = (await mesh(2)) as [Node, Node];
  const newer = await newerStart(1, [third.address]);
  await newer.members([third, older]);
  await third.meets(newer);
  await vi.waitFor(() => expect(tellsOf(older, newer).length).toBeGreaterThan(1), { timeout: 60_000 });
});

it('is let in again, by a binding newer still, once the other is gone', async () => {
  const [third, older] = (await mesh(2)) as [Node, Node];
  const newer = await newerStart(1, [third.address]);
  await newer.members([third, older]);
  await sights(older, newer);
  await stop(newer);
  const before = tellsOf(third, older).length;
  await older.swarm.handlers.renewBinding({ binding: older.signed({ seq: 3 }, Date.now()) }, never);
  await vi.waitFor(() => expect(tellsOf(third, older).length).toBeGreaterThan(before), { timeout: 60_000 });
  expect(tellsOf(third, older).at(-1)).toMatchObject({ payload: { connected: true } });
});
