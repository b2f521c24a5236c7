import type { Codec, Registry } from '@polkadot/types/types';
import { compactFromU8aLim, hexToU8a } from '@polkadot/util';
import * as v from 'valibot';
import { type AlphaRao, alphaRao, type Hex } from '../../../src-shared/units.ts';
import type { Session } from '../session.ts';
import { anyUint, decodeType, parse, readRaw, requiredItem, smallUint, storageItem } from '../storage.ts';
import { registryAt } from './past-runtime.ts';

export interface EventRecord {
  readonly phase: { readonly isApplyExtrinsic: boolean; readonly asApplyExtrinsic: Codec };
  readonly event: { readonly section: string; readonly method: string; readonly data: readonly Codec[] };
}

/** What became of an extrinsic inside its block: null is success. */
export type DispatchFault = { readonly module: string; readonly error: string } | null;

/**
 * What the miners were paid in a block, by uid, or null when no epoch of this subnet ran in it. The event's own bytes
 * are looked for first: most blocks have none, and decoding a real block's events takes milliseconds.
 */
export async function readIncentives(
  session: Session,
  netuid: number,
  at: Hex,
  signal: AbortSignal,
): Promise<readonly AlphaRao[] | null> {
  const written = await writtenAt(session, at, signal);
  const mark = written && eventMark(written.registry, INCENTIVES, netuid);
  if (!mark || bytesOf(written).indexOf(mark) < 0) return null;
  for (const { event } of decodeEvents(written)) {
    if (event.section !== 'subtensorModule' || event.method !== INCENTIVES) continue;
    if (parse(smallUint, event.data[0]?.toPrimitive()) !== netuid) continue;
    return parse(v.array(anyUint), event.data[1]?.toPrimitive()).map(alphaRao);
  }
  return null;
}

export const INCENTIVES = 'IncentiveAlphaEmittedToMiners';

/** Pallet index, event index, netuid as they stand in the bytes; null where that runtime has no such event. */
export function eventMark(registry: Registry, name: string, netuid: number): Uint8Array | null {
  const pallet = registry.metadata.pallets.find((one) => one.name.toString() === 'SubtensorModule');
  if (!pallet?.events.isSome) return null;
  const { variants } = registry.lookup.getSiType(pallet.events.unwrap().type).def.asVariant;
  const event = variants.find((one) => one.name.toString() === name);
  if (!event) return null;
  return Uint8Array.of(pallet.index.toNumber(), event.index.toNumber(), netuid & 255, netuid >> 8);
}

/** An event by the chain's name of it, with plain values in the order of its fields. */
export interface SeenEvent {
  readonly name: string;
  readonly data: readonly unknown[];
}

/**
 * The outcome of the extrinsic at that index, from its last event, and all events before it.
 * @returns undefined when the block's events are gone (pruned state) or do not mention it
 */
export async function readDispatch(
  session: Session,
  at: Hex,
  extrinsicIndex: number,
  signal: AbortSignal,
): Promise<{ readonly fault: DispatchFault; readonly events: readonly SeenEvent[] } | undefined> {
  const written = await eventsAt(session, at, signal);
  if (!written) return undefined;
  const { registry, records } = written;
  const events: SeenEvent[] = [];
  for (const { phase, event } of records) {
    if (!phase.isApplyExtrinsic || Number(phase.asApplyExtrinsic.toString()) !== extrinsicIndex) continue;
    const { section, method, data } = event;
    if (section === 'system' && method === 'ExtrinsicSuccess') return { fault: null, events };
    if (section === 'system' && method === 'ExtrinsicFailed')
      return { fault: faultOf(registry, data[0]), events };
    events.push(seen(event));
  }
  return undefined;
}

/**
 * What the chain itself did in a block, outside of all transactions: an epoch's payments, stakes and weights among it.
 * @returns undefined when the block's events are gone (pruned state)
 */
export async function readChainEvents(
  session: Session,
  at: Hex,
  signal: AbortSignal,
): Promise<readonly SeenEvent[] | undefined> {
  const written = await eventsAt(session, at, signal);
  return written?.records.filter(({ phase }) => !phase.isApplyExtrinsic).map(({ event }) => seen(event));
}

/**
 * Everything that happened in a block, with the transaction in which it did (null: in none).
 * @returns undefined when the block's events are gone (pruned state)
 */
export async function readAllEvents(
  session: Session,
  at: Hex,
  signal: AbortSignal,
): Promise<readonly PlacedEvent[] | undefined> {
  const written = await writtenAt(session, at, signal);
  return written && placedEvents(written);
}

/** With the transaction in which it happened; null: in none. */
export type PlacedEvent = SeenEvent & { readonly extrinsic: number | null };

export const placedEvents = (written: WrittenEvents): readonly PlacedEvent[] =>
  decodeEvents(written).map(({ phase, event }) => ({
    ...seen(event),
    extrinsic: phase.isApplyExtrinsic ? Number(phase.asApplyExtrinsic.toString()) : null,
  }));

const seen = ({ section, method, data }: EventRecord['event']): SeenEvent => ({
  name: `${pascal(section)}.${method}`,
  data: data.map((value) => value.toPrimitive()),
});

interface DispatchErrorCodec extends Codec {
  readonly isModule: boolean;
  readonly asModule: Parameters<Session['registry']['findMetaError']>[0];
  readonly type: string;
  readonly inner: Codec & { readonly type?: string };
}

function faultOf(registry: Registry, raw: Codec | undefined): { module: string; error: string } {
  const error = raw as DispatchErrorCodec | undefined;
  if (!error) return { module: 'DispatchError', error: 'unknown' };
  if (!error.isModule)
    return { module: 'DispatchError', error: [error.type, error.inner.type].filter(Boolean).join('.') };
  try {
    const found = registry.findMetaError(error.asModule);
    return { module: pascal(found.section), error: found.name };
  } catch {
    return { module: 'DispatchError', error: `Module ${error.asModule.toString()}` };
  }
}

const pascal = (section: string) => section.slice(0, 1).toUpperCase() + section.slice(1);

/** A block's events as they lie in its state, with the types that they were written with. */
export interface WrittenEvents {
  readonly raw: Uint8Array;
  readonly registry: Registry;
}

/**
 * A block's events and who wrote them, in one request: its state names the runtime that ran it. Only where that is
 * another than the session's are its types asked for.
 * @returns undefined when the events are gone (pruned state)
 */
export async function writtenAt(
  session: Session,
  at: Hex,
  signal: AbortSignal,
): Promise<WrittenEvents | undefined> {
  const key = requiredItem(session, 'System', 'Events').key();
  const upgrade = storageItem(session, 'System', 'LastRuntimeUpgrade')?.key();
  const found = await readRaw(session, upgrade ? [key, upgrade] : [key], at, signal);
  const raw = found.get(key);
  if (raw === undefined) return undefined;
  const version = specVersionIn(upgrade && found.get(upgrade));
  const isOwn = version === session.specVersion;
  return { raw: hexToU8a(raw), registry: isOwn ? session.registry : await registryAt(session, at, signal) };
}

/** LastRuntimeUpgradeInfo begins with the version as a compact number; null for none. */
function specVersionIn(info: string | undefined): number | null {
  if (!info) return null;
  const [, version] = compactFromU8aLim(hexToU8a(info));
  return version;
}

export const bytesOf = ({ raw }: Pick<WrittenEvents, 'raw'>): Buffer =>
  Buffer.from(raw.buffer, raw.byteOffset, raw.length);

/** A block's events by the types that they were written with; undefined when they are gone (pruned state). */
async function eventsAt(
  session: Session,
  at: Hex,
  signal: AbortSignal,
): Promise<{ readonly registry: Registry; readonly records: readonly EventRecord[] } | undefined> {
  const written = await writtenAt(session, at, signal);
  return written && { registry: written.registry, records: decodeEvents(written) };
}

const decodeEvents = ({ registry, raw }: WrittenEvents): readonly EventRecord[] =>
  decodeType({ registry }, 'Vec<FrameSystemEventRecord>', raw) as unknown as readonly EventRecord[];
