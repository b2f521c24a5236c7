import { hubUrl } from '../../src-node/hub-url.ts';
import type { StorePlace } from '../../src-shared/contract/publish/stores.ts';
import type { StoreAddress } from '../../src-shared/stores/store-address.ts';
import { bucketAt, type OpenedPlace } from './chosen-place.ts';

/** What its owner can write to; the web is only read. */
export type WritableAddress = Exclude<StoreAddress, { kind: 'web' }>;

/** A store that is only read, by its address as it is announced. */
export function readPlace(address: WritableAddress): OpenedPlace<StorePlace>;
export function readPlace(address: StoreAddress): OpenedPlace;
export function readPlace(address: StoreAddress): OpenedPlace {
  switch (address.kind) {
    case 'hub': {
      const { repository } = address;
      const place = { kind: 'hub', url: hubUrl(), repository, repositoryName: 'states', xet: false } as const;
      return { place, secret: null };
    }
    case 's3': {
      const { readKey } = address;
      const place = { kind: 's3', ...bucketAt(address), accessKeyId: readKey?.keyId ?? '' } as const;
      return { place, secret: readKey?.secretKey ?? null };
    }
    case 'folder':
      return { place: { kind: 'folder', path: address.path }, secret: null };
    case 'web':
      return { place: { kind: 'web', url: address.url }, secret: null };
  }
}
