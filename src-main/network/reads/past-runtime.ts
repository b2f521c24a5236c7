import { Metadata, TypeRegistry } from '@polkadot/types';
import type { Registry } from '@polkadot/types/types';
import * as v from 'valibot';
import type { Hex } from '../../../src-shared/units.ts';
import { PAST_RUNTIMES_KEPT } from '../limits.ts';
import type { Session } from '../session.ts';
import { hexText, parse } from '../storage.ts';

const headerSchema = v.object({ parentHash: hexText });
const versionSchema = v.object({ specVersion: v.number() });

/** Of older runtimes, by their number; what one node says of them is taken for its own blocks alone. */
const kept = new WeakMap<Session, Map<number, Registry>>();

/**
 * The types that a block was written with: of the runtime that its parent's state holds, which an upgrade since then,
 * or in this very block, has replaced. Read with later ones its events would say something else, or nothing.
 */
export async function registryAt(session: Session, at: Hex, signal: AbortSignal): Promise<Registry> {
  const ask = (method: string, hash: string) => session.socket.request(method, [hash], signal);
  const { parentHash } = parse(headerSchema, await ask('chain_getHeader', `0x${at}`));
  const { specVersion } = parse(versionSchema, await ask('state_getRuntimeVersion', parentHash));
  if (specVersion === session.specVersion) return session.registry;
  const known = kept.get(session)?.get(specVersion);
  if (known) return known;
  const registry = registryOf(parse(hexText, await ask('state_getMetadata', parentHash)));
  const all = kept.get(session) ?? new Map<number, Registry>();
  kept.set(session, all.set(specVersion, registry));
  for (const old of [...all.keys()].slice(0, -PAST_RUNTIMES_KEPT)) all.delete(old);
  return registry;
}

function registryOf(metadata: string): Registry {
  const registry = new TypeRegistry();
  registry.setMetadata(new Metadata(registry, metadata as `0x${string}`));
  return registry;
}
