import type { Connection, Libp2p } from '@libp2p/interface';
import type { Libp2pOptions } from 'libp2p';
import type { Ss58 } from '../../../../src-shared/units.ts';
import type { Directory } from '../directory.ts';
import type { PeerRecord } from '../hello.ts';
import type { Members } from '../members.ts';

/**
 * Somewhere that peers are heard of: bare addresses to try, or records for the directory. Nobody is believed for it;
 * who answers there is told by its greeting.
 */
export interface PeerSource {
  /** Addresses to be tried again and again as long as nobody admitted is reached by them. */
  addresses(): readonly string[];
  /** Left out: how its addresses stand is told to people. */
  readonly isQuiet?: boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What a source may use of the mesh. */
export interface Surroundings {
  readonly node: Libp2p;
  readonly directory: Directory;
  readonly members: Members;
  readonly listenHost: string;
  readonly self: Ss58;
  /** What we say of ourselves now. */
  own(): PeerRecord;
  /** Resolves when it is known whether the other side may speak here. */
  isAdmitted(connection: Connection): Promise<boolean>;
  greet(connection: Connection): Promise<void>;
  /** There is somebody new to dial. */
  changed(): void;
}

export type Services = NonNullable<Libp2pOptions['services']>;

export interface PeerSourceFactory {
  /** What libp2p runs for it, by name. It starts and stops with the node. */
  readonly services?: Services;
  make(around: Surroundings): PeerSource;
}

export const servicesOf = (sources: readonly PeerSourceFactory[]): Services =>
  Object.assign({}, ...sources.map(({ services }) => services));
