import type { Codec, Registry } from '@polkadot/types/types';
import { hexToU8a } from '@polkadot/util';
import * as v from 'valibot';
import { type AlphaRao, alphaRao, type Hex } from '../../../src-shared/units.ts';
import type { Session } from '../session.ts';
import { anyUint, decodeType, parse, readRaw, requiredItem, smallUint } from '../storage.ts';
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
  const mark = eventMark(session, INCENTIVES, netuid);
  if (!mark) return null;
  const raw = await rawEvents(session, at, signal);
  if (!raw || Buffer.from(raw.buffer, raw.byteOffset, raw.length).indexOf(mark) < 0) return null;
  for (const { event } of decodeEvents(session, raw)) {
    if (event.section !== 'subtensorModule' || event.method !== INCENTIVES) continue;
    if (parse(smallUint, event.data[0]?.toPrimitive()) !== netuid) continue;
    return parse(v.array(anyUint), event.data[1]?.toPrimitive()).map(alphaRao);
  }
  return null;
}

export const INCENTIVES = 'IncentiveAlphaEmittedToMiners';

/** Pallet index, event index, netuid as they stand in the bytes; null where the runtime has no such event. */
export function eventMark(session: Session, name: string, netuid: number): Uint8Array | null {
  const pallet = session.api.runtimeMetadata.asLatest.pallets.find(
    (p) => p.name.toString() === 'SubtensorModule',
  );
  const section: Record<string, unknown> | undefined = session.api.events.subtensorModule;
  const event = section?.[name] as { readonly meta: { readonly index: Codec } } | undefined;
  if (!pallet || !event) return null;
  const eventIndex = Number(event.meta.index.toString());
  return Uint8Array.of(pallet.index.toNumber(), eventIndex, netuid & 255, netuid >> 8);
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
): Promise<readonly (SeenEvent & { readonly extrinsic: number | null })[] | undefined> {
  const written = await eventsAt(session, at, signal);
  return written?.records.map(({ phase, event }) => ({
    ...seen(event),
    extrinsic: phase.isApplyExtrinsic ? Number(phase.asApplyExtrinsic.toString()) : null,
  }));
}

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

export async function rawEvents(session: Session, at: Hex, signal: AbortSignal): Promise<Uint8Array | null> {
  const key = requiredItem(session, 'System', 'Events').key();
  const value = (await readRaw(session, [key], at, signal)).get(key);
  return value === undefined ? null : hexToU8a(value);
}

/** A block's events by the types that they were written with; undefined when they are gone (pruned state). */
async function eventsAt(
  session: Session,
  at: Hex,
  signal: AbortSignal,
): Promise<{ readonly registry: Registry; readonly records: readonly EventRecord[] } | undefined> {
  const [raw, registry] = await Promise.all([
    rawEvents(session, at, signal),
    registryAt(session, at, signal),
  ]);
  return raw ? { registry, records: decodeEvents({ registry }, raw) } : undefined;
}

export function decodeEvents(session: Pick<Session, 'registry'>, raw: Uint8Array): readonly EventRecord[] {
  const type = 'Vec<FrameSystemEventRecord>';
  return decodeType(session, type, raw) as unknown as readonly EventRecord[];
}
