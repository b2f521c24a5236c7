import type { Hex } from '../../../../src-shared/units.ts';
import { reachOf } from '../kinds/reach.ts';
import { bootstrap } from './bootstrap.ts';
import type { ChainDirectory } from './chain-directory.ts';
import type { Dht } from './dht/dht.ts';
import { helloExchange } from './hello-exchange.ts';
import { lan } from './lan.ts';
import type { PeerSourceFactory } from './source.ts';

/** Every way in which a node hears of peers. A node that none from outside this machine can reach asks none outside. */
export const sourcesOf = (at: {
  readonly runTag: Hex;
  readonly listen: { readonly host: string };
  readonly bootstrap: readonly string[];
  readonly chain: ChainDirectory;
  /** Left out where none from outside this machine can reach the node. */
  readonly dht: Dht | null;
}): readonly PeerSourceFactory[] => [
  bootstrap(at.bootstrap),
  at.chain,
  helloExchange(),
  ...(at.dht ? [at.dht] : []),
  ...(reachOf(at.listen.host) === 'machine' ? [] : [lan(at.runTag)]),
];
