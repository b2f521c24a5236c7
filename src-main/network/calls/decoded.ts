import type { Call } from '@polkadot/types/interfaces';
import * as v from 'valibot';
import { type CallName, callNames } from '../../../src-shared/chain/calls.ts';
import type { DecodedCall } from '../../../src-shared/contract/signing.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { rao, type Ss58, ss58, typedTao } from '../../../src-shared/units.ts';
import type { Session } from '../session.ts';
import { anyUint, camelCase, parse, smallUint } from '../storage.ts';

/** A call as the bytes that are signed say it: what a person reads is made from this and from nothing else. */
export interface Decoded {
  readonly name: CallName;
  readonly args: Arguments;
}

/** Arguments by the client's spelling of their names. @throws {AppError} CHAIN_ANSWER_MALFORMED for another type */
export interface Arguments {
  account(name: string): Ss58;
  amount(name: string): bigint;
  count(name: string): number;
  flag(name: string): boolean;
  /** How many entries a list or a byte string has. */
  length(name: string): number;
  /** Bytes of a fixed length, as hex with `0x`. */
  hex(name: string): string;
  /** Text of a byte string, with what is no text replaced. */
  text(name: string): string;
  /** As the client library makes plain values of it. */
  plain(name: string): unknown;
  /** All of them by the chain's own names, in its order. */
  readonly lines: DecodedCall['lines'];
}

/**
 * @param bytes pallet and call index, then the arguments
 * @throws {AppError} CHAIN_CALL_UNAVAILABLE for a call that the app does not make, CHAIN_ANSWER_MALFORMED for no call
 */
export function decodeCall(session: Session, bytes: Uint8Array): Decoded {
  const call = callOf(session, bytes);
  const known = callNames.find((name) => {
    const [pallet = '', method = ''] = name.split('.');
    return call.section === camelCase(lower(pallet)) && call.method === camelCase(method);
  });
  if (!known) throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: `${call.section}.${call.method}` });
  const values = new Map(
    call.meta.args.map((arg, i) => [camelCase(arg.name.toString()), call.args[i]] as const),
  );
  const plain = (name: string): unknown => values.get(name)?.toPrimitive();
  const lines = call.meta.args.map((arg, i) => ({
    name: chainName(arg.name.toString()),
    value: lineOf(call.args[i]?.toPrimitive(), arg.typeName.unwrapOr('').toString()),
  }));
  return {
    name: known,
    args: {
      plain,
      lines,
      account: (name) => ss58(parse(accountSchema, plain(name))),
      amount: (name) => parse(anyUint, plain(name)),
      count: (name) => parse(smallUint, plain(name)),
      flag: (name) => parse(v.boolean(), plain(name)),
      length: (name) => {
        const value = plain(name);
        return Array.isArray(value) ? value.length : bytesOf(value).length;
      },
      hex: (name) => parse(v.string(), values.get(name)?.toHex()),
      // Not from a plain value: there a text of hex digits and bytes that are no text look the same.
      text: (name) => Buffer.from(values.get(name)?.toU8a(true) ?? []).toString('utf8'),
    },
  };
}

/** The library writes names in camel case; the chain has them with lines below. */
const chainName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A value to its last digit, with the unit that the chain's own type says. */
function lineOf(value: unknown, type: string): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'object') {
    const account = v.safeParse(accountSchema, value);
    return account.success ? account.output : JSON.stringify(value);
  }
  const text = String(value);
  if (!/^\d+$/.test(text)) return text;
  const unit = /alpha/i.test(type) ? 'alpha' : /tao|balance/i.test(type) ? 'TAO' : null;
  return unit === null ? text : `${text} rao (${typedTao(rao(BigInt(text)))} ${unit})`;
}

function callOf({ registry }: Session, bytes: Uint8Array): Call {
  try {
    const call = registry.createTypeUnsafe<Call>('Call', [bytes]);
    if (call.encodedLength === bytes.length) return call;
  } catch (error) {
    throw new AppError('CHAIN_ANSWER_MALFORMED', { what: 'a call' }, error);
  }
  throw new AppError('CHAIN_ANSWER_MALFORMED', { what: 'bytes after a call' });
}

/** An account alone, or as one of several ways to name a destination. */
const accountSchema = v.union([
  v.string(),
  v.pipe(
    v.object({ id: v.string() }),
    v.transform(({ id }) => id),
  ),
]);

/** Bytes become text where they are plain ASCII, else hex. */
const bytesOf = (value: unknown): Buffer => {
  const text = parse(v.string(), value);
  return /^0x(?:[0-9a-f]{2})*$/.test(text) ? Buffer.from(text.slice(2), 'hex') : Buffer.from(text);
};

const lower = (text: string) => text.slice(0, 1).toLowerCase() + text.slice(1);
