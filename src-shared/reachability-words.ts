import type { PortMapping, Reachability } from './contract/reachability.ts';

/** What a person reads of it: how this computer is reached, and what would make it better, where anything would. */
export interface ReachabilityWords {
  readonly state: string;
  readonly detail: string;
  readonly next: string | null;
}

const states: Readonly<Record<Reachability['state'], string>> = {
  unknown: 'not tested yet',
  public: 'reached from outside',
  mapped: 'reached through the router',
  relayed: 'reached through other members',
  blocked: 'not reached from outside',
};

export function reachabilityWords(now: Reachability): ReachabilityWords {
  return { state: states[now.state], detail: detailOf(now), next: nextStep(now) };
}

function detailOf({ state, address, asked, reached, relays, isRelay, relayPlaces }: Reachability): string {
  const said = `${reached} of ${members(asked)} reached it`;
  if (state === 'unknown') return 'No member outside this house was asked yet.';
  if (state === 'blocked') return `${said}, and no member passes bytes on to it.`;
  if (state === 'relayed') return `${said}; ${members(relays.length)} pass bytes on to it.`;
  const help = isRelay ? ` It stands in for ${members(relayPlaces)} that cannot be reached.` : '';
  return `${said}, at ${address ?? 'an address unknown'}.${help}`;
}

/** null where all is well, or nobody can tell yet. */
function nextStep({ state, mapping }: Reachability): string | null {
  if (state !== 'relayed' && state !== 'blocked') return null;
  const why = routerWords(mapping);
  return `${why} Open the port for peers in the router, or choose another port in the settings; then test again.`;
}

function routerWords({ state, refusal, address }: PortMapping): string {
  if (state === 'off') return 'The router is not asked to open the port.';
  if (state === 'looking') return 'The router is being asked to open the port.';
  if (state === 'none') return 'No router here opens ports by UPnP or NAT-PMP.';
  if (state === 'refused')
    return `The router refuses to open the port${refusal === null ? '' : ` (its number: ${refusal})`}.`;
  return `The router says that it opened ${address ?? 'the port'}, and nobody comes through: another router may stand before it.`;
}

const members = (count: number): string => `${count} ${count === 1 ? 'member' : 'members'}`;
