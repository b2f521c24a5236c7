import { isIP } from 'node:net';
import type { SubmittableExtrinsic } from '@polkadot/api/types';
import * as v from 'valibot';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Hex, hex } from '../../src-shared/units.ts';
import type { ChainCall } from './chain.ts';
import { FIELD_BYTES_MAX, FIELDS_MAX } from './limits.ts';
import type { Session } from './session.ts';
import { camelCase, lowerFirst, parse, readMany, smallUint, storageItem } from './storage.ts';

export type Extrinsic = SubmittableExtrinsic<'promise'>;

/** Calls a key may be asked to sign, by the chain's names. `register_limit` replaces `burned_register` where it is. */
export const CALL_NAMES = [
  'SubtensorModule.burned_register',
  'SubtensorModule.register_limit',
  'SubtensorModule.add_stake_limit',
  'SubtensorModule.serve_axon',
  'SubtensorModule.set_weights',
  'SubtensorModule.start_call',
  'Commitments.set_commitment',
] as const;
export type CallName = (typeof CALL_NAMES)[number];

interface Decorated {
  (...args: unknown[]): Extrinsic;
  readonly callIndex: Uint8Array;
  readonly meta: { readonly args: readonly { readonly name: { toString(): string } }[] };
}

function decorated(session: Session, name: CallName): Decorated | null {
  const [pallet = '', call = ''] = name.split('.');
  const section: Record<string, unknown> | undefined = session.api.tx[lowerFirst(pallet)];
  return (section?.[camelCase(call)] as Decorated | undefined) ?? null;
}

/** Pallet and call index of every call that this runtime has: the first two bytes of what is signed. */
export function callIndexes(session: Session): ReadonlyMap<CallName, Hex> {
  const found = new Map<CallName, Hex>();
  for (const name of CALL_NAMES) {
    const call = decorated(session, name);
    if (call) found.set(name, hex(Buffer.from(call.callIndex).toString('hex')));
  }
  return found;
}

/**
 * The call with its arguments in the order of this runtime's metadata.
 * @throws {AppError} CHAIN_CALL_UNAVAILABLE when the runtime lacks the call or asks for an argument unknown here.
 */
export async function buildCall(
  session: Session,
  netuid: number,
  call: ChainCall,
  signal: AbortSignal,
): Promise<Extrinsic> {
  switch (call.kind) {
    case 'burnedRegister':
      return decorated(session, 'SubtensorModule.register_limit')
        ? build(session, 'SubtensorModule.register_limit', {
            netuid,
            hotkey: call.hotkey,
            limitPrice: call.limitRao,
          })
        : build(session, 'SubtensorModule.burned_register', { netuid, hotkey: call.hotkey });
    case 'addStakeLimit':
      return build(session, 'SubtensorModule.add_stake_limit', {
        hotkey: call.hotkey,
        netuid,
        amountStaked: call.amountRao,
        limitPrice: call.limitPriceRao,
        allowPartial: false,
      });
    case 'serveAxon':
      return build(session, 'SubtensorModule.serve_axon', axonArguments(netuid, call));
    case 'setCommitment':
      return build(session, 'Commitments.set_commitment', {
        netuid,
        info: { fields: dataFields(call.fields) },
      });
    case 'setWeights':
      return build(session, 'SubtensorModule.set_weights', {
        netuid,
        dests: call.weights.map(({ uid }) => uid),
        weights: call.weights.map(({ weight }) => weight),
        versionKey: await weightsVersion(session, netuid, signal),
      });
    case 'startCall':
      return build(session, 'SubtensorModule.start_call', { netuid });
  }
}

function build(session: Session, name: CallName, values: Readonly<Record<string, unknown>>): Extrinsic {
  const call = decorated(session, name);
  if (!call) throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: name });
  const args = call.meta.args.map((arg) => {
    // The library writes names in camel case, whatever the chain's own spelling.
    const argument = camelCase(arg.name.toString());
    if (!Object.hasOwn(values, argument))
      throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: `${name}(${argument})` });
    return values[argument];
  });
  return call(...args);
}

/** The chain takes weights only from who states at least its version. */
async function weightsVersion(session: Session, netuid: number, signal: AbortSignal): Promise<number> {
  const item = storageItem(session, 'SubtensorModule', 'WeightsVersionKey');
  if (!item) return 0;
  const [value] = await readMany(session, [{ item, args: [netuid] }], null, signal);
  return parse(v.nullable(smallUint), value?.toPrimitive() ?? null) ?? 0;
}

function axonArguments(netuid: number, axon: Extract<ChainCall, { kind: 'serveAxon' }>) {
  const ipType = isIP(axon.ip);
  if (ipType === 0) throw new TypeError('not an IP address');
  return {
    netuid,
    version: axon.version,
    ip: ipType === 4 ? ipv4Number(axon.ip) : ipv6Number(axon.ip),
    port: axon.port,
    ipType,
    // 4 is what the subnet's own tools write.
    protocol: 4,
    placeholder1: 0,
    placeholder2: 0,
  };
}

export function ipv4Number(ip: string): bigint {
  return ip.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

export function ipv6Number(ip: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(ip);
  const v4 = dotted ? ipv4Number(dotted[2] ?? '') : 0n;
  const text = dotted ? `${dotted[1]}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}` : ip;
  const [left = '', right] = (text.split('%')[0] ?? '').split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const tail = groups(right ?? '');
  const gap = Array<string>(8 - groups(left).length - tail.length).fill('0');
  return [...groups(left), ...gap, ...tail].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

/** Fields as the client library spells them: `{Raw41: bytes}`. */
function dataFields(fields: readonly Uint8Array[]): readonly Record<string, string>[] {
  if (fields.length > FIELDS_MAX) throw new RangeError('too many commitment fields');
  return fields.map((field) => {
    if (field.length > FIELD_BYTES_MAX) throw new RangeError('commitment field too long');
    return { [`Raw${field.length}`]: `0x${Buffer.from(field).toString('hex')}` };
  });
}
