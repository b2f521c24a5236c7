import * as scure from '@scure/sr25519';
import { ChainClock } from '../../src-node/chain-clock.ts';
import { ed25519FromSeed } from '../../src-node/ed25519.ts';
import type { CallHandlers, InitOf, ReadyOf } from '../../src-shared/contract/child.ts';
import { MAX_TOLD_ADDRESSES, MAX_TOLD_LINKS, type SwarmContract } from '../../src-shared/contract/swarm.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { LINKS_EVERY_MS, TRAFFIC_EVERY_MS } from './limits.ts';
import { Directory } from './mesh/directory.ts';
import { BindingDoor } from './mesh/hello.ts';
import { addressKinds } from './mesh/kinds/kinds.ts';
import { reachOf } from './mesh/kinds/reach.ts';
import { Mesh } from './mesh/mesh.ts';
import { createNode } from './mesh/node.ts';
import { InternalsTap } from './mesh/paths/internals.ts';
import { ChainDirectory } from './mesh/sources/chain-directory.ts';
import { Dht } from './mesh/sources/dht/dht.ts';
import { servicesOf } from './mesh/sources/source.ts';
import { sourcesOf } from './mesh/sources/sources.ts';
import { natPmp } from './port-map/nat-pmp.ts';
import { PortMap } from './port-map/port-map.ts';
import { upnp } from './port-map/upnp.ts';
import { composeProtocols, honestParts, type SwarmHost, type SwarmParts } from './protocols.ts';

export interface RunningSwarm {
  readonly facts: ReadyOf<SwarmContract>;
  readonly handlers: CallHandlers<SwarmContract>;
  stop(): Promise<void>;
}

/**
 * Starts the node and all protocols on it.
 * @param parts of what its protocols are made; a dishonest peer has its own
 * @throws {AppError} PEER_BINDING_INVALID when the own binding does not count, PORT_IN_USE
 */
export async function composeSwarm(
  config: InitOf<SwarmContract>,
  host: SwarmHost,
  parts: SwarmParts = honestParts,
): Promise<RunningSwarm> {
  const { emit } = host;
  const { consensus, hotkey, runTag } = config;
  const key = ed25519FromSeed(config.peerSeed);
  const { netuid } = consensus.chain;
  const clock = new ChainClock();
  if (config.chainTimeMs !== null) clock.set(config.chainTimeMs);
  const door = new BindingDoor({ netuid, genesisHash: config.genesisHash }, verifySr25519, clock);
  const checkOwn = (binding: string): void => {
    const own = door.verify(binding);
    if (own?.hotkey !== hotkey || own.peerKey !== key.publicKey)
      throw new AppError('PEER_BINDING_INVALID', { reason: 'own' });
  };
  checkOwn(config.binding);

  const chain = new ChainDirectory();
  const isOutside = reachOf(config.listen.host) !== 'machine';
  const dht = isOutside ? new Dht({ runTag, door, sign: key.sign }) : null;
  const sources = sourcesOf({ ...config, chain, dht });
  const tap = new InternalsTap();
  const node = await createNode({
    ...{ seed: config.peerSeed, listen: config.listen, kinds: addressKinds },
    services: { ...servicesOf(sources), ...tap.services },
  });
  const count = { sentBytes: 0, receivedBytes: 0 };
  const mesh = new Mesh({
    node,
    directory: new Directory(door),
    own: { hotkey, peerKey: key.publicKey, binding: config.binding },
    runTag,
    listen: config.listen,
    sources,
    count,
    onEvent: (event) => emit('peer', event),
    onAddresses: (addresses) => emit('addresses', { addresses: addresses.slice(0, MAX_TOLD_ADDRESSES) }),
    outside: !isOutside
      ? null
      : {
          internals: () => tap.get(),
          portMap: new PortMap(config.mapsPort ? [upnp(), natPmp()] : []),
          mayRelay: config.mayRelay,
          onReachability: (now) => emit('reachability', now),
        },
  });
  const protocols = await composeProtocols({ config, network: mesh, dht, sign: key.sign, host }, parts);
  await mesh.start().catch(async (thrown: unknown) => {
    await mesh.stop();
    throw isPortTaken(thrown) ? new AppError('PORT_IN_USE', { port: config.listen.port }, thrown) : thrown;
  });
  const traffic = setInterval(() => emit('traffic', { atMs: Date.now(), ...count }), TRAFFIC_EVERY_MS);

  const telling = setInterval(
    () => emit('links', { links: mesh.links().slice(0, MAX_TOLD_LINKS) }),
    LINKS_EVERY_MS,
  );

  const handlers: CallHandlers<SwarmContract> = {
    ...protocols.handlers,
    async setMembers({ hotkeys, witnesses }) {
      protocols.setMembers(new Set(hotkeys), new Set(witnesses));
      mesh.setMembers(hotkeys);
      return undefined;
    },
    async setChainTime({ unixMs }) {
      clock.set(unixMs);
      return undefined;
    },
    async renewBinding({ binding }) {
      checkOwn(binding);
      await mesh.renewBinding(binding);
      return undefined;
    },
    async setDirectory({ entries }) {
      chain.tell(entries);
      return undefined;
    },
    async testReachability() {
      await mesh.testReachability();
      return undefined;
    },
  };

  return {
    facts: { peerId: node.peerId.toString(), addresses: mesh.addresses() },
    handlers,
    async stop() {
      clearInterval(traffic);
      clearInterval(telling);
      await protocols.stop();
      await mesh.stop();
    },
  };
}

const verifySr25519 = (message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean =>
  scure.verify(message, signature, publicKey);

const isPortTaken = (thrown: unknown): boolean =>
  thrown instanceof Error &&
  /EADDRINUSE/.test(`${thrown.message} ${thrown.cause ?? ''} ${JSON.stringify(thrown)}`);
