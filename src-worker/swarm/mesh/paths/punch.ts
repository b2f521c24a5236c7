import { once } from 'node:events';
import { createServer } from 'node:net';
import { multiaddr } from '@multiformats/multiaddr';
import * as v from 'valibot';
import { pause, withLimit } from '../../../../src-node/waits.ts';
import { multiaddr as multiaddrField } from '../../../../src-shared/contract/fields.ts';
import type { Ss58 } from '../../../../src-shared/units.ts';
import { MessageReader, sendMessage, withLink } from '../../net/ask.ts';
import { fromBytes, toBytes } from '../../net/json.ts';
import type { Network, PeerLink } from '../../net/link.ts';
import { dialable } from '../addresses.ts';
import { dialAsAnswerer, type Internals } from './internals.ts';
import { PATH_MESSAGE_BYTES_MAX, PUNCH_AGAIN_MS, PUNCH_LIMIT_MS, PUNCHES_AT_ONCE } from './limits.ts';
import type { Seen } from './seen.ts';

/** Where one side of a punch will come from. */
export const meetingSchema = v.object({ at: multiaddrField });

interface PunchInit {
  readonly network: Network;
  readonly internals: () => Internals;
  readonly listenHost: string;
  readonly stopping: AbortSignal;
  peerIdOf(hotkey: Ss58): string | null;
  isDirect(hotkey: Ss58): boolean;
  /** How a port of ours is seen from outside, as some member says that both reach. */
  seen(localPort: number, signal: AbortSignal): Promise<Seen>;
}

/**
 * Two behind routers open a connection to each other at the same moment, each from a port that it has just seen mapped:
 * each router takes what comes from there for the answer to what went out, and TCP knows a connection that both sides
 * open. Routers that give each goal another port let nobody in that way.
 */
export class Punch {
  readonly #init: PunchInit;
  readonly #punching = new Set<Ss58>();

  constructor(init: PunchInit) {
    this.#init = init;
    init.network.handle('punch', (link, from) => this.#answer(link, from));
  }

  /** Tries it with a member that is connected through a relay; what comes of it the members’ connections tell. */
  async tryWith(hotkey: Ss58): Promise<void> {
    const { network, stopping, isDirect } = this.#init;
    if (isDirect(hotkey)) return;
    await this.#alone(hotkey, async (signal) => {
      const link = await network.open(hotkey, 'punch', signal);
      await withLink(link, signal, () =>
        this.#fromFreshPort(signal, async (localPort, at) => {
          await sendMessage(link, toBytes({ at }));
          const other = await meetingIn(link, hotkey);
          if (other) await this.#knock(hotkey, { at: other, localPort, leads: true }, signal);
        }),
      );
    }).catch((thrown: unknown) => {
      if (!stopping.aborted) console.error(`no direct way to ${hotkey}: ${String(thrown)}`);
    });
  }

  async #answer(link: PeerLink, from: Ss58): Promise<void> {
    await this.#alone(from, (signal) =>
      withLink(link, signal, async () => {
        const other = await meetingIn(link, from);
        if (!other) return;
        await this.#fromFreshPort(signal, async (localPort, at) => {
          await sendMessage(link, toBytes({ at }));
          await this.#knock(from, { at: other, localPort, leads: false }, signal);
        });
      }),
    );
  }

  async #alone(hotkey: Ss58, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#punching.has(hotkey) || this.#punching.size >= PUNCHES_AT_ONCE)
      throw new Error('another one is under way');
    this.#punching.add(hotkey);
    try {
      await work(withLimit(this.#init.stopping, PUNCH_LIMIT_MS));
    } finally {
      this.#punching.delete(hotkey);
    }
  }

  async #fromFreshPort(
    signal: AbortSignal,
    work: (localPort: number, at: string) => Promise<void>,
  ): Promise<void> {
    const localPort = await freePort();
    const seen = await this.#init.seen(localPort, signal);
    try {
      await work(localPort, seen.address);
    } finally {
      seen.close();
    }
  }

  async #knock(
    hotkey: Ss58,
    how: { readonly at: string; readonly localPort: number; readonly leads: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const { peerIdOf, internals, listenHost } = this.#init;
    const [at] = dialable([how.at], listenHost);
    const peerId = peerIdOf(hotkey);
    if (!at || !peerId) throw new Error('no address to meet at');
    const to = multiaddr(`${at}/p2p/${peerId}`);
    const raw = { localPort: how.localPort, signal };
    for (;;) {
      signal.throwIfAborted();
      try {
        if (how.leads) await internals().transportManager.dial(to, raw);
        else await dialAsAnswerer(internals(), to, raw);
        return;
      } catch (thrown) {
        if (!isRefused(thrown)) throw thrown;
        await pause(PUNCH_AGAIN_MS, signal);
      }
    }
  }
}

/** A router that has not seen our side's packet yet may say that nobody is there. */
const isRefused = (thrown: unknown): boolean =>
  ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH'].includes((thrown as { code?: string }).code ?? '');

async function meetingIn(link: PeerLink, peer: string): Promise<string | null> {
  const said = await new MessageReader(link, peer).next(PATH_MESSAGE_BYTES_MAX);
  return (said && fromBytes(meetingSchema, said))?.at ?? null;
}

/** A port that nobody has now. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
