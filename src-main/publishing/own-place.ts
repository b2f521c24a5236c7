import type { StorePlace } from '../../src-shared/contract/publish/stores.ts';
import type { Tokens } from '../vault/tokens.ts';
import type { OpenedPlace } from './chosen-place.ts';
import { readPlace, type WritableAddress } from './read-place.ts';

export type { WritableAddress };

/**
 * A store that its owner writes to, by the address by which others read it. A key that the address brings can only read,
 * so what opens it for writing is a token of this computer.
 * @param tokenName null: the one that is called as its kind
 * @throws {AppError} of the token
 */
export async function ownPlace(
  address: WritableAddress,
  tokenName: string | null,
  tokens: Pick<Tokens, 'reveal'>,
): Promise<OpenedPlace<StorePlace>> {
  const { place, secret } = readPlace(address);
  switch (place.kind) {
    case 'hub':
      return { place, secret: (await tokens.reveal(tokenName ?? 'hub', 'hub')).token };
    case 's3': {
      const { accessKeyId, secretAccessKey } = await tokens.reveal(tokenName ?? 's3', 's3');
      return { place: { ...place, accessKeyId }, secret: secretAccessKey };
    }
    case 'folder':
      return { place, secret };
  }
}
