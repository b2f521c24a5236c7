import type { Value } from '../scale/codecs.ts';

/** A call that the chain refuses while running it: becomes ExtrinsicFailed, the fee is kept. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: 'Module' | 'Token' | 'BadOrigin' | 'CannotLookup' | 'ConsumerRemaining';
  readonly pallet: string;
  readonly error: string;

  constructor(kind: Failure['kind'], pallet: string, error: string) {
    super(`${pallet}.${error}`);
    this.kind = kind;
    this.pallet = pallet;
    this.error = error;
  }
}

export const tokenFailure = (error: string): Failure => new Failure('Token', '', error);
export const badOrigin = (): Failure => new Failure('BadOrigin', '', 'BadOrigin');
export const cannotLookup = (): Failure => new Failure('CannotLookup', '', 'CannotLookup');

/** The failures of one pallet by name; `E` keeps the names to those it declares. */
export const failuresOf =
  <E extends Readonly<Record<string, number>>>(pallet: string, _errors: E) =>
  (error: keyof E & string): Failure =>
    new Failure('Module', pallet, error);

/** SCALE value of sp_runtime's DispatchError. */
export function dispatchError(
  failure: Failure,
  indexOf: (pallet: string, error: string) => readonly [pallet: number, error: number],
): Value {
  if (failure.kind === 'Token') return { type: 'Token', value: { type: failure.error, value: undefined } };
  if (failure.kind !== 'Module') return { type: failure.kind, value: undefined };
  const [index, error] = indexOf(failure.pallet, failure.error);
  return { type: 'Module', value: { index, error: Uint8Array.of(error, 0, 0, 0) } };
}
