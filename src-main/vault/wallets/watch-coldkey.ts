import { join } from 'node:path';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { readAddress } from '../../../src-shared/typed-address.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { publicText } from '../account-text.ts';
import { createSecretFile } from '../secret-file.ts';
import { COLDKEY_PUBLIC_FILE } from './layout.ts';
import { newWalletPath } from './place-wallet.ts';

/**
 * A wallet of an address alone, whose coldkey lies elsewhere: what the field's tools keep on a rig, and they read it.
 * @returns its folder
 * @throws {AppError} ADDRESS_INVALID, WALLET_NAME_INVALID, WALLET_EXISTS, or of the disk
 */
export async function watchColdkey(
  root: string,
  { name, address }: { readonly name: string; readonly address: Ss58 },
): Promise<string> {
  if (!('address' in readAddress(address))) throw new AppError('ADDRESS_INVALID', { address });
  const path = await newWalletPath(root, name);
  if (!(await createSecretFile(join(path, COLDKEY_PUBLIC_FILE), publicText(address))))
    throw new AppError('WALLET_EXISTS', { name, path });
  return path;
}
