import { BlockList, isIP } from 'node:net';

/** How far an address reaches; a learned address is dialled only if it reaches at least as far as our own. */
export type Reach = 'machine' | 'house' | 'world';
const order: readonly Reach[] = ['machine', 'house', 'world'];

/** By value and not by form: `0:0:0:0:0:0:0:1` and `::ffff:127.0.0.1` lead to this machine as `::1` does. */
const blocks = (v4: readonly string[], v6: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const [family, texts] of [['ipv4', v4] as const, ['ipv6', v6] as const])
    for (const text of texts) {
      const [net = '', prefix] = text.split('/');
      list.addSubnet(net, Number(prefix), family);
    }
  return list;
};
const machine = blocks(['127.0.0.0/8'], ['::1/128']);
const house = blocks(
  ['10.0.0.0/8', '192.168.0.0/16', '172.16.0.0/12', '169.254.0.0/16', '100.64.0.0/10'],
  ['fe80::/10', 'fc00::/7'],
);
/** No single peer's: this network itself, groups, what is kept for later, and v4 in the clothes of v6. */
const nobody = blocks(
  ['0.0.0.0/8', '224.0.0.0/3'],
  ['::/128', 'ff00::/8', '64:ff9b::/96', '::/96', '2002::/16'],
);

const familyOf = (host: string): 'ipv4' | 'ipv6' => (isIP(host) === 6 ? 'ipv6' : 'ipv4');

/** @param host an IP address by number */
export function reachOf(host: string): Reach {
  const family = familyOf(host);
  if (machine.check(host, family)) return 'machine';
  return house.check(host, family) ? 'house' : 'world';
}

export const isEverywhere = (host: string): boolean => host === '0.0.0.0' || host === '::';

/**
 * Whether a host that some peer named may be knocked at from one that listens at `listenHost`: none inside a machine
 * or house that we do not live in ourselves; otherwise any peer could make us knock on local doors.
 */
export function mayKnockAt(host: string, listenHost: string): boolean {
  if (isIP(host) === 0) return false;
  const isMachine = reachOf(host) === 'machine';
  if (!isMachine && nobody.check(host, familyOf(host))) return false;
  const widest = isEverywhere(listenHost) ? 'house' : reachOf(listenHost);
  return order.indexOf(reachOf(host)) >= order.indexOf(widest);
}
