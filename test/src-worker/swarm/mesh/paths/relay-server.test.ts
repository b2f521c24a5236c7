import { describe, expect, it } from 'vitest';
import { hex, type Ss58 } from '../../../../../src-shared/units.ts';
import {
  CIRCUIT_BYTES_MAX,
  CIRCUITS_OF_ONE_MAX,
  RELAY_PLACES_MAX,
} from '../../../../../src-worker/swarm/mesh/paths/limits.ts';
import { isYes, YES } from '../../../../../src-worker/swarm/mesh/paths/relay-messages.ts';
import { RelayServer } from '../../../../../src-worker/swarm/mesh/paths/relay-server.ts';
import { MessageReader, sendMessage } from '../../../../../src-worker/swarm/net/ask.ts';
import { toBytes } from '../../../../../src-worker/swarm/net/json.ts';
import { MemoryWorld } from '../../memory-network.ts';

const never = new AbortController().signal;
const name = (text: string): Ss58 => text as Ss58;
/** A peer id of the right form for each name. */
const peerIdOf = (hotkey: Ss58): string => `12D3KooW${hotkey.padEnd(44, 'x')}`;

function world() {
  const all = new MemoryWorld();
  const far = new Set<Ss58>();
  const at = { serves: true };
  const relay = all.join(name('relay'), hex('aa'));
  const stopping = new AbortController();
  const server = new RelayServer({
    network: relay,
    stopping: stopping.signal,
    serves: () => at.serves,
    isDirect: (hotkey) => !far.has(hotkey),
    peerIdOf,
    hotkeyOf: (peerId) => [...all.peers.keys()].find((hotkey) => peerIdOf(hotkey) === peerId) ?? null,
  });
  const join = (who: string) => all.join(name(who), hex('bb'));
  const ask = async (from: ReturnType<typeof join>, asked: unknown) => {
    const link = await from.open(name('relay'), 'relay', never);
    const reader = new MessageReader(link, 'relay');
    await sendMessage(link, toBytes(asked));
    return { link, reader, isTaken: isYes(await reader.next(1)) };
  };
  return { all, at, far, server, stopping, join, ask };
}

/** Says yes to whoever comes, and everything back. */
function echoes(network: ReturnType<MemoryWorld['join']>, from: string[] = []) {
  network.handle('relayed', async (link) => {
    const reader = new MessageReader(link, 'relay');
    from.push(JSON.parse(new TextDecoder().decode((await reader.next(1_024))!)).from);
    await sendMessage(link, YES);
    for await (const bytes of reader.rest()) await link.send(bytes);
    await link.close();
  });
}

const toHome = { kind: 'connect', to: peerIdOf(name('home')) };

describe('a member that passes bytes on', () => {
  it('leads to one that keeps a place there, says who comes, and carries bytes both ways', async () => {
    const { join, ask, server } = world();
    const home = join('home');
    const came: string[] = [];
    echoes(home, came);
    expect((await ask(home, { kind: 'reserve' })).isTaken).toBe(true);
    expect(server.places).toBe(1);
    const { link, reader, isTaken } = await ask(join('guest'), toHome);
    expect(isTaken).toBe(true);
    expect(came).toEqual([peerIdOf(name('guest'))]);
    await link.send(Uint8Array.of(1, 2, 3));
    const first = await firstOf(reader.rest());
    expect([...first!]).toEqual([1, 2, 3]);
  });

  it('leads to nobody who keeps no place, or has given it back', async () => {
    const { join, ask } = world();
    const home = join('home');
    echoes(home);
    expect((await ask(join('guest'), toHome)).isTaken).toBe(false);
    await ask(home, { kind: 'reserve' });
    await ask(home, { kind: 'release' });
    expect((await ask(join('other'), toHome)).isTaken).toBe(false);
  });

  it('forgets the place of one that has gone', async () => {
    const { all, join, ask, server } = world();
    await ask(join('home'), { kind: 'reserve' });
    all.kill(name('home'));
    expect(server.places).toBe(0);
  });

  it('does nothing of it where its user does not want it, or where others do not reach it', async () => {
    const { at, join, ask } = world();
    at.serves = false;
    expect((await ask(join('home'), { kind: 'reserve' })).isTaken).toBe(false);
  });

  it('is no link of a chain: who comes through another relay keeps no place and opens nothing', async () => {
    const { far, join, ask } = world();
    const home = join('home');
    echoes(home);
    await ask(home, { kind: 'reserve' });
    far.add(name('guest')).add(name('away'));
    expect((await ask(join('guest'), toHome)).isTaken).toBe(false);
    expect((await ask(join('away'), { kind: 'reserve' })).isTaken).toBe(false);
  });

  it('keeps no more places than it may', async () => {
    const { join, ask, server } = world();
    for (let i = 0; i < RELAY_PLACES_MAX; i++) await ask(join(`m${i}`), { kind: 'reserve' });
    expect((await ask(join('late'), { kind: 'reserve' })).isTaken).toBe(false);
    expect(server.places).toBe(RELAY_PLACES_MAX);
  });

  it('opens so many connections for one member, and one more when one of them has ended', async () => {
    const { join, ask } = world();
    const home = join('home');
    echoes(home);
    await ask(home, { kind: 'reserve' });
    const guest = join('guest');
    const open = [];
    for (let i = 0; i < CIRCUITS_OF_ONE_MAX; i++) open.push(await ask(guest, toHome));
    expect((await ask(guest, toHome)).isTaken).toBe(false);
    await open[0]!.link.close();
    await firstOf(open[0]!.reader.rest());
    expect((await ask(guest, toHome)).isTaken).toBe(true);
  });

  it('opens no more for one member that asks for many before the first is answered', async () => {
    const { join, ask } = world();
    const home = join('home');
    const asked = Promise.withResolvers<void>();
    home.handle('relayed', async (link) => {
      await asked.promise;
      await new MessageReader(link, 'relay').next(1_024);
      await sendMessage(link, YES);
    });
    await ask(home, { kind: 'reserve' });
    const guest = join('guest');
    const all = Array.from({ length: 2 * CIRCUITS_OF_ONE_MAX }, () => ask(guest, toHome));
    // Those that are one too many are refused while the others still wait.
    await Promise.any(all.slice(CIRCUITS_OF_ONE_MAX));
    asked.resolve();
    const taken = (await Promise.all(all)).filter(({ isTaken }) => isTaken);
    expect(taken).toHaveLength(CIRCUITS_OF_ONE_MAX);
  });

  it('ends a connection that has had its bytes', async () => {
    const { join, ask } = world();
    const home = join('home');
    home.handle('relayed', async (link) => {
      const reader = new MessageReader(link, 'relay');
      await reader.next(1_024);
      await sendMessage(link, YES);
      for await (const _ of reader.rest());
    });
    await ask(home, { kind: 'reserve' });
    const { link } = await ask(join('guest'), toHome);
    const block = new Uint8Array(2 ** 24);
    const flood = async () => {
      for (let sent = 0; sent <= 2 * CIRCUIT_BYTES_MAX; sent += block.length) await link.send(block);
    };
    await expect(flood()).rejects.toThrow();
  });

  it.each([{ kind: 'connect', to: 'nobody' }, { kind: 'connect' }, { kind: 'other' }, null])(
    'refuses %j',
    async (asked) => {
      const { join, ask } = world();
      expect((await ask(join('guest'), asked)).isTaken).toBe(false);
    },
  );
});

/** null where it ends before anything comes. */
async function firstOf<T>(all: AsyncIterable<T>): Promise<T | null> {
  for await (const one of all) return one;
  return null;
}
