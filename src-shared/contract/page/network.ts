import type { Hex, Ss58 } from '../../units.ts';

/** What the chain behind an endpoint said of itself, before anything was joined. */
export interface EndpointFacts {
  readonly endpoint: string;
  /** The chain's own name for itself. */
  readonly chain: string;
  readonly genesis: Hex;
  readonly specVersion: number;
  readonly finalizedBlock: number;
  /** The real network that this genesis is known to be ("finney"); null for any other chain. */
  readonly knownNetwork: string | null;
  readonly mark: string | null;
  readonly netuid: number;
  /** null: there is no subnet of that number. */
  readonly subnet: { readonly name: string; readonly ownerColdkey: Ss58 | null } | null;
}
