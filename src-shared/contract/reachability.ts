import * as v from 'valibot';
import { address, count, multiaddr } from './fields.ts';

/** What the router was asked for, and what it said. */
export const portMappingSchema = v.object({
  /** `none`: no router here answers such questions; `refused`: one does, and opens nothing. */
  state: v.picklist(['off', 'looking', 'open', 'refused', 'none']),
  by: v.nullable(v.picklist(['upnp', 'nat-pmp'])),
  /** Where the router says that it lets others in; null unless open. */
  address: v.nullable(multiaddr),
  /** The router's own number for its refusal. */
  refusal: v.nullable(count),
});

export type PortMapping = v.InferOutput<typeof portMappingSchema>;

/** Whether others reach this computer, and how members do that it does not reach itself. */
export const reachabilitySchema = v.object({
  /**
   * `unknown`: nobody outside was asked yet. `public`: reached at the port it listens at. `mapped`: at one that the router
   * opened. `relayed`: not reached, but members pass bytes on. `blocked`: not reached, and nobody does.
   */
  state: v.picklist(['unknown', 'public', 'mapped', 'relayed', 'blocked']),
  address: v.nullable(multiaddr),
  /** When others last answered, in ms since 1970. */
  testedAtMs: v.nullable(count),
  /** Members outside that were asked then, and those that reached us. */
  asked: count,
  reached: count,
  mapping: portMappingSchema,
  /** Members through whom others reach us. */
  relays: v.pipe(v.array(address), v.maxLength(8)),
  /** Whether others may come to members through us, and how many keep a place for that. */
  isRelay: v.boolean(),
  relayPlaces: count,
  /** Members connected without and with a relay between. */
  direct: count,
  relayed: count,
});

export type Reachability = v.InferOutput<typeof reachabilitySchema>;
