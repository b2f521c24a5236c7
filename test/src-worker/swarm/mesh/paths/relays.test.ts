import { describe, expect, it } from 'vitest';
import { hex, type Ss58 } from '../../../../../src-shared/units.ts';
import { RELAYS_WANTED } from '../../../../../src-worker/swarm/mesh/paths/limits.ts';
import { NO, YES } from '../../../../../src-worker/swarm/mesh/paths/relay-messages.ts';
import { Relays } from '../../../../../src-worker/swarm/mesh/paths/relays.ts';
import { MessageReader, sendMessage } from '../../../../../src-worker/swarm/net/ask.ts';
import { MemoryWorld } from '../../memory-network.ts';

const name = (text: string): Ss58 => text as Ss58;

/** A member behind a router, or not, and members that may be relays. */
function home({ isWanted = true } = {}) {
  const world = new MemoryWorld();
  const at = { isWanted, changes: 0 };
  const far = new Set<Ss58>();
  const asked: string[] = [];
  const relays = new Relays({
    network: world.join(name('home'), hex('aa')),
    internals: () => {
      throw new Error('nobody is dialled here');
    },
    stopping: new AbortController().signal,
    hotkeyOf: (peerId) => name(peerId.slice(3)),
    peerIdOf: (hotkey) => `id-${hotkey}`,
    isDirect: (hotkey) => !far.has(hotkey),
    isWanted: () => at.isWanted,
    onChange: () => void at.changes++,
  });
  const relay = (who: string, hasRoom = true) => {
    world.join(name(who), hex('bb')).handle('relay', async (link) => {
      const said = await new MessageReader(link, 'home').next(1_024);
      asked.push(`${who} ${JSON.parse(new TextDecoder().decode(said!)).kind}`);
      await sendMessage(link, hasRoom ? YES : NO);
      await link.close();
    });
    relays.note(name(who), true);
  };
  return { world, at, far, asked, relays, relay };
}

describe('a member that nobody reaches', () => {
  it('keeps places at two of those that offer it, and is reached through these', async () => {
    const { relays, relay, at } = home();
    for (const who of ['one', 'two', 'three']) relay(who);
    await relays.look();
    await relays.look();
    expect(relays.kept).toHaveLength(RELAYS_WANTED);
    expect(relays.addresses()).toEqual(relays.kept.map((hotkey) => `/p2p/id-${hotkey}/p2p-circuit`));
    expect(at.changes).toBeGreaterThan(0);
  });

  it('takes another one when one of them goes, or has no room', async () => {
    const { world, relays, relay } = home();
    relay('full', false);
    for (const who of ['one', 'two', 'three']) relay(who);
    await relays.look();
    await relays.look();
    expect(relays.kept).toEqual(['one', 'two']);
    world.kill(name('one'));
    await relays.look();
    await relays.look();
    expect(relays.kept).toEqual(['two', 'three']);
  });

  it('asks none that it reaches through another, or that offers nothing', async () => {
    const { far, relays, relay, asked } = home();
    far.add(name('far'));
    relay('far');
    relay('gone');
    await relays.look();
    relays.note(name('gone'), false);
    await relays.look();
    expect(asked.filter((one) => one.startsWith('far'))).toEqual([]);
    expect(relays.direct()).toEqual([]);
  });

  it('gives its places back when others reach it', async () => {
    const { at, relays, relay, asked } = home();
    relay('one');
    await relays.look();
    await relays.look();
    at.isWanted = false;
    await relays.look();
    expect(relays.kept).toEqual([]);
    expect(asked).toEqual(['one reserve', 'one release']);
  });
});

it('a member that others reach keeps no place anywhere', async () => {
  const { relays, relay, asked } = home({ isWanted: false });
  relay('one');
  await relays.look();
  expect(asked).toEqual([]);
});
