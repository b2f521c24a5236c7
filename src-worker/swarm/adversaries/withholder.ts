import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Network, PeerLink, Protocol } from '../net/link.ts';
import { through } from './through.ts';

/** What an exchange is made of; checks and messages are served as ever. */
const WITHHELD: ReadonlySet<Protocol> = new Set(['reduce', 'results', 'list', 'audit']);

/**
 * A member that says Ready, is listed, and then sends nothing of its contribution and nothing that it should have
 * reduced: it saves the traffic and hopes for the pay.
 */
export const withholding = (network: Network): Network =>
  through(network, {
    async open(hotkey, protocol, signal): Promise<PeerLink> {
      if (WITHHELD.has(protocol)) throw new AppError('PEER_UNREACHABLE', { peer: hotkey });
      return network.open(hotkey, protocol, signal);
    },
    handle(protocol, serve) {
      network.handle(protocol, WITHHELD.has(protocol) ? async (link) => link.abort() : serve);
    },
  });
