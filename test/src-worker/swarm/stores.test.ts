import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type Envelope, signEnvelope } from '../../../src-shared/rounds/signed.ts';
import { hex } from '../../../src-shared/units.ts';
import { Control } from '../../../src-worker/swarm/control/control.ts';
import { MAX_UNBOUND } from '../../../src-worker/swarm/limits.ts';
import { ask } from '../../../src-worker/swarm/net/ask.ts';
import { toBytes } from '../../../src-worker/swarm/net/json.ts';
import { Stores } from '../../../src-worker/swarm/stores.ts';
import { soon } from '../../soon.ts';
import { MemoryWorld } from './memory-network.ts';
import { dropAll, Node, never, stop, stopAll } from './node-rig.ts';
import { type TestMember, testMember } from './round.ts';

const runTag = hex('0123456789abcdef');
const made: TestMember[] = [];

afterEach(async () => {
  await stopAll();
  await dropAll();
  for (const { spoolDir } of made.splice(0)) await rm(spoolDir, { recursive: true });
});

/** One member that listens, and one that may say whatever it likes to it. */
async function listener(round: number) {
  const [anna, bob, carl] = await Promise.all([testMember(1), testMember(2), testMember(3)]);
  made.push(anna, bob, carl);
  const world = new MemoryWorld();
  const network = world.join(anna.hotkey, anna.key.publicKey);
  const mouth = world.join(bob.hotkey, bob.key.publicKey);
  const nothing = () => {};
  const events = {
    onSaid: nothing,
    onRoster: nothing,
    onProposal: nothing,
    onResults: nothing,
    onResultsProposal: nothing,
    onContradiction: nothing,
  };
  const control = new Control({ network, runTag, sign: anna.key.sign, events });
  control.setMembers(new Set([anna.hotkey, bob.hotkey, carl.hotkey]), new Set());
  control.setRound(round);
  const stores = new Stores(control, null);
  const say = (envelope: Envelope) =>
    ask(mouth, { hotkey: anna.hotkey, protocol: 'control' }, toBytes([envelope]), {
      maxBytes: 1,
      limitMs: 5_000,
      signal: never,
    });
  return { bob, carl, world, control, stores, say };
}

const signed = (by: TestMember, payload: unknown): Envelope =>
  signEnvelope(runTag, { kind: 'store', payload, signer: by.hotkey }, by.key.sign);

describe('stores told over the swarm', () => {
  it('are heard by a newcomer from whoever is there, also of a member that has gone', async () => {
    const [a, b] = [await Node.start(0, [], { store: 'hub:a/states' }), await Node.start(1)];
    await b.finds(a);
    for (const node of [a, b]) await node.members([a, b]);
    await Promise.all([a.meets(b), b.meets(a)]);
    for (const node of [a, b]) await node.swarm.handlers.setRound({ round: 7 }, never);
    const told = { hotkey: a.hotkey, store: 'hub:a/states' };
    await soon(async () => expect(await b.swarm.handlers.stores(undefined, never)).toEqual([told]));
    await stop(a);
    const c = await Node.start(2, [b.address]);
    for (const node of [b, c]) await node.members([a, b, c]);
    await c.swarm.handlers.setRound({ round: 90 }, never);
    await soon(async () => expect(await c.swarm.handlers.stores(undefined, never)).toContainEqual(told));
  });

  it('stand for rounds, until their member names another one or none', async () => {
    const { bob, control, stores, say } = await listener(5);
    await say(signed(bob, { round: 5, store: 'hub:b/states' }));
    control.setRound(500);
    expect(stores.heard()).toEqual([{ hotkey: bob.hotkey, store: 'hub:b/states' }]);
    await say(signed(bob, { round: 500, store: null }));
    await say(signed(bob, { round: 5, store: 'hub:b/states' }));
    expect(stores.heard()).toEqual([{ hotkey: bob.hotkey, store: null }]);
  });

  it('of a hotkey that lost its place are forgotten', async () => {
    const { bob, control, stores, say } = await listener(5);
    await say(signed(bob, { round: 5, store: 'hub:b/states' }));
    control.setMembers(new Set(), new Set());
    expect(stores.heard()).toEqual([]);
  });

  it.each<[string, (bob: TestMember, carl: TestMember) => Envelope]>([
    [
      'a signature of another key',
      (bob, carl) => ({
        ...signed(bob, { round: 5, store: 'hub:b/states' }),
        signature: signed(carl, { round: 5, store: 'hub:b/states' }).signature,
      }),
    ],
    [
      'a word in the name of somebody else',
      (bob, carl) => ({ ...signed(bob, { round: 5, store: 'hub:b/states' }), signer: carl.hotkey }),
    ],
    ['an address that is none', (bob) => signed(bob, { round: 5, store: 'states' })],
    ['an address inside the own network', (bob) => signed(bob, { round: 5, store: 's3:10.0.0.1/states' })],
    ['a folder', (bob) => signed(bob, { round: 5, store: 'folder:/etc' })],
    [
      'a text that is too long',
      (bob) => signed(bob, { round: 5, store: `https://example.org/${'a'.repeat(500)}/` }),
    ],
    [
      'much beside the address',
      (bob) => signed(bob, { round: 5, store: 'hub:b/states', more: 'x'.repeat(5_000) }),
    ],
    ['a round that is still to come', (bob) => signed(bob, { round: 9_000, store: 'hub:b/states' })],
  ])('are deaf to %s', async (_what, lie) => {
    const { bob, carl, world, stores, say } = await listener(5);
    world.keys.set(carl.hotkey, carl.key.publicKey);
    await say(lie(bob, carl));
    expect(stores.heard()).toEqual([]);
    await say(signed(bob, { round: 5, store: 'hub:b/states' }));
    expect(stores.heard()).toHaveLength(1);
  });

  it.each(['before', 'after'])(
    'are not crowded out by names without a place, who speak %s they are known',
    async (when) => {
      const { carl, world, control, stores, say } = await listener(5);
      const crowd = await Promise.all(Array.from({ length: MAX_UNBOUND }, (_, i) => testMember(10 + i)));
      made.push(...crowd);
      if (when === 'before')
        control.setMembers(new Set([carl, ...crowd].map(({ hotkey }) => hotkey)), new Set());
      const speak = async () => {
        for (const one of crowd) await say(signed(one, { round: 5, store: 'hub:d/states' }));
      };
      if (when === 'before') await speak();
      control.setMembers(new Set([carl.hotkey]), new Set());
      if (when === 'after') await speak();
      await say(signed(carl, { round: 5, store: 'hub:c/states' }));
      world.keys.set(carl.hotkey, carl.key.publicKey);
      expect(stores.heard()).toEqual([{ hotkey: carl.hotkey, store: 'hub:c/states' }]);
    },
  );

  it('wait for the binding of their member, so many and no more', async () => {
    const { carl, world, control, stores, say } = await listener(5);
    await say(signed(carl, { round: 4, store: 'hub:c/states' }));
    expect(stores.heard()).toEqual([]);
    const crowd = await Promise.all(Array.from({ length: MAX_UNBOUND + 9 }, (_, i) => testMember(10 + i)));
    made.push(...crowd);
    control.setMembers(new Set([carl, ...crowd].map(({ hotkey }) => hotkey)), new Set());
    for (const one of crowd) await say(signed(one, { round: 5, store: 'hub:d/states' }));
    for (const one of [carl, ...crowd]) world.keys.set(one.hotkey, one.key.publicKey);
    expect(stores.heard()).toHaveLength(MAX_UNBOUND);
    expect(stores.heard()).toContainEqual({ hotkey: carl.hotkey, store: 'hub:c/states' });
  });
});
