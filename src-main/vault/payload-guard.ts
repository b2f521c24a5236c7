import { type CallName, callsOf } from '../../src-shared/chain/calls.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { PAYLOAD_BYTES_MAX } from './limits.ts';

/** What an account is for decides which calls it signs, whoever asks. */
export type AccountKind = 'hotkey' | 'practice-coldkey';

/** A coldkey that lies in a plain file signs what a practice needs, and nothing that sends its money away. */
const practice: readonly CallName[] = [
  'SubtensorModule.burned_register',
  'SubtensorModule.register_limit',
  'SubtensorModule.add_stake_limit',
  'SubtensorModule.start_call',
];

const allowed: Readonly<Record<AccountKind, readonly string[]>> = {
  hotkey: callsOf('hotkey'),
  'practice-coldkey': practice,
};

/** Name of a call to its pallet and call index as two bytes of hex, read from the chain's metadata at this moment. */
export type CallIndexes = () => ReadonlyMap<string, string>;

/** call (2 bytes at least), era, nonce, tip, mode, then versions, two hashes and a mark. */
const PAYLOAD_BYTES_MIN = 2 + 2 + 1 + 1 + 4 + 4 + 32 + 32;

/** @throws {AppError} KEY_USE_REFUSED unless the payload begins with a call that this kind of account signs. */
export function guardPayload(
  account: { readonly name: string; readonly kind: AccountKind },
  payload: Uint8Array,
  callIndexes: CallIndexes,
): void {
  const refuse = (what: string): never => {
    throw new AppError('KEY_USE_REFUSED', { name: account.name, what });
  };
  if (payload.length < PAYLOAD_BYTES_MIN || payload.length > PAYLOAD_BYTES_MAX) refuse('no payload');
  const index = Buffer.from(payload.subarray(0, 2)).toString('hex');
  const known = callIndexes();
  if (!allowed[account.kind].some((call) => known.get(call) === index)) refuse(`call 0x${index}`);
}
