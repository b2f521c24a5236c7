import type { StorePlace } from '../../../src-shared/contract/publish/stores.ts';
import { folderStore } from './folder.ts';
import { hubStore } from './hub.ts';
import { s3Store } from './s3.ts';
import type { StateStore, StoreGround } from './store.ts';

/** @param secret token or secret key; null for none */
export function openStore(place: StorePlace, secret: string | null, ground: StoreGround): StateStore {
  switch (place.kind) {
    case 'hub':
      return hubStore(place, secret, ground);
    case 's3':
      return s3Store(place, secret, ground);
    case 'folder':
      return folderStore(place.path, ground);
  }
}
