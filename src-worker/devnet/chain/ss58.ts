import { AccountId } from '@polkadot-api/substrate-bindings';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { type HexString, toHex } from '../scale/hex.ts';

const codec = AccountId(42);

/** @throws {AppError} DEVNET_ADDRESS_INVALID when the checksum does not fit. */
export function accountOf(address: string): HexString {
  try {
    return toHex(codec.enc(address));
  } catch (cause) {
    throw new AppError('DEVNET_ADDRESS_INVALID', { address }, cause);
  }
}
