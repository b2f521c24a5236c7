import { LOOKED_AT_MS } from './economy/limits.ts';
import type { SubnetLook } from './economy/look.ts';
import type { ConnectedChain } from './network/client.ts';
import type { NetworkAddress, NetworkShare, Networks } from './network/networks.ts';

/** A subnet that no run works on: its network is opened for the look, and let go some time after. */
export interface Aside {
  readonly chain: ConnectedChain;
  readonly look: SubnetLook;
}

/** Subnets that are looked at without a run, each by a key of its own. */
export interface Asides {
  /** Who looks at the same again has the same. @throws {AppError} SUBNET_ABSENT, CHAIN_UNREACHABLE, NETWORK_NAME_TAKEN */
  of(key: string, at: () => AsideAddress): Promise<Aside>;
  letGo(key: string): Promise<void>;
  stop(): Promise<void>;
}

export interface AsideAddress {
  readonly address: NetworkAddress;
  readonly netuid: number;
  /** It gives way to whoever needs the network's name for other endpoints. */
  readonly isGuest: boolean;
}

/** Whatever is there now is shown; that it is not what was joined is said beside it. */
const ANYTHING = { name: null, ownerColdkey: null };

interface Opened extends Aside {
  readonly share: NetworkShare;
  timer: NodeJS.Timeout | undefined;
}

export function openAsides(
  networks: Pick<Networks, 'open'>,
  lookOf: (chain: ConnectedChain) => SubnetLook,
  signal: AbortSignal,
): Asides {
  const opened = new Map<string, Promise<Opened>>();

  async function open({ address, netuid, isGuest }: AsideAddress): Promise<Opened> {
    const share = await networks.open(address, signal, isGuest);
    try {
      const chain = await share.subnet(netuid, ANYTHING, signal);
      return { share, chain, look: lookOf(chain), timer: undefined };
    } catch (thrown) {
      await share.release();
      throw thrown;
    }
  }

  async function letGo(key: string): Promise<void> {
    const aside = await opened.get(key)?.catch(() => null);
    opened.delete(key);
    clearTimeout(aside?.timer);
    await aside?.share.release();
  }

  return {
    async of(key, at) {
      const known = opened.get(key);
      const opening = known ?? open(at());
      if (!known) {
        opened.set(key, opening);
        opening.catch(() => opened.get(key) === opening && opened.delete(key));
      }
      const aside = await opening;
      clearTimeout(aside.timer);
      aside.timer = setTimeout(() => void letGo(key), LOOKED_AT_MS).unref();
      return aside;
    },
    letGo,
    async stop() {
      await Promise.all([...opened.keys()].map(letGo));
    },
  };
}
