import { parseStoreAddress } from '../../src-shared/stores/store-address.ts';
import { bucketAt, HUB_URL, type OpenedPlace } from './chosen-place.ts';

/** A store that is only read, by its address as it is announced; null for none, and for a kind that is not read here. */
export function readPlace(text: string): OpenedPlace | null {
  const address = parseStoreAddress(text);
  switch (address?.kind) {
    case 'hub': {
      const { repository } = address;
      const place = { kind: 'hub', url: HUB_URL, repository, repositoryName: 'states', xet: false } as const;
      return { place, secret: null };
    }
    case 's3': {
      const { readKey } = address;
      const place = { kind: 's3', ...bucketAt(address), accessKeyId: readKey?.keyId ?? '' } as const;
      return { place, secret: readKey?.secretKey ?? null };
    }
    case 'folder':
      return { place: { kind: 'folder', path: address.path }, secret: null };
    default:
      return null;
  }
}
