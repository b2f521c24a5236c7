import { type Hex, type Rao, rao } from '../../../src-shared/units.ts';
import { callRuntime } from '../runtime-call.ts';
import type { Session } from '../session.ts';
import { anyUint, parse } from '../storage.ts';

/** What a new subnet costs in the state of that block; null where the runtime does not say. */
export async function readSubnetPrice(session: Session, at: Hex, signal: AbortSignal): Promise<Rao | null> {
  const api = 'SubnetRegistrationRuntimeApi';
  const price = await callRuntime(session, api, 'get_network_registration_cost', [], at, signal);
  return price === undefined ? null : rao(parse(anyUint, price));
}
