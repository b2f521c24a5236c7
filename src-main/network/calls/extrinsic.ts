import type { SubmittableExtrinsic } from '@polkadot/api/types';
import { type CallName, callNames } from '../../../src-shared/chain/calls.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { type Hex, hex } from '../../../src-shared/units.ts';
import type { Session } from '../session.ts';
import { camelCase, lowerFirst } from '../storage.ts';

export type Extrinsic = SubmittableExtrinsic<'promise'>;

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

export const hasCall = (session: Session, name: CallName): boolean => decorated(session, name) !== null;

/** The first of these names that this runtime has; the first of all where it has none. */
export const firstPresent = (session: Session, names: readonly CallName[]): CallName => {
  const found = names.find((name) => hasCall(session, name)) ?? names[0];
  if (!found) throw new TypeError('a call has a name');
  return found;
};

/** Pallet and call index of every call that this runtime has: the first two bytes of what is signed. */
export function callIndexes(session: Session): ReadonlyMap<CallName, Hex> {
  const found = new Map<CallName, Hex>();
  for (const name of callNames) {
    const call = decorated(session, name);
    if (call) found.set(name, hex(Buffer.from(call.callIndex).toString('hex')));
  }
  return found;
}

/**
 * The call with its arguments in the order of this runtime's metadata.
 * @throws {AppError} CHAIN_CALL_UNAVAILABLE when the runtime lacks the call or asks for an argument unknown here.
 */
export function extrinsicOf(
  session: Session,
  name: CallName,
  values: Readonly<Record<string, unknown>>,
): Extrinsic {
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
