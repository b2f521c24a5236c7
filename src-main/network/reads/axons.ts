import * as v from 'valibot';
import { type Hex, type Ss58, ss58 } from '../../../src-shared/units.ts';
import type { Axon } from '../chain.ts';
import type { Session } from '../session.ts';
import { anyUint, parse, readMany, smallUint, storageItem } from '../storage.ts';

const axonSchema = v.object({ ip: anyUint, port: smallUint, ipType: smallUint });

/** Where these hotkeys say that they answer; one that never said so is absent, and all are in a runtime without axons. */
export async function readAxons(
  session: Session,
  netuid: number,
  hotkeys: readonly Ss58[],
  at: Hex,
  signal: AbortSignal,
): Promise<ReadonlyMap<Ss58, Axon>> {
  const item = storageItem(session, 'SubtensorModule', 'Axons');
  if (!item || hotkeys.length === 0) return new Map();
  const queries = hotkeys.map((hotkey) => ({ item, args: [netuid, hotkey] }));
  const found = new Map<Ss58, Axon>();
  for (const [i, value] of (await readMany(session, queries, at, signal)).entries()) {
    if (!value) continue;
    const { ip, port, ipType } = parse(axonSchema, value.toPrimitive());
    if (port > 0) found.set(ss58(hotkeys[i] ?? ''), { ip: ipType === 6 ? ipv6(ip) : ipv4(ip), port });
  }
  return found;
}

const ipv4 = (ip: bigint): string =>
  [24n, 16n, 8n, 0n].map((shift) => ((ip >> shift) & 255n).toString()).join('.');
const ipv6 = (ip: bigint): string =>
  ip
    .toString(16)
    .padStart(32, '0')
    .match(/.{4}/g)
    ?.map((part) => part.replace(/^0+(?=.)/, ''))
    .join(':') ?? '';
