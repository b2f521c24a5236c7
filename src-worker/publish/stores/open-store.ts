import type { ReadPlace, StorePlace } from '../../../src-shared/contract/publish/stores.ts';
import { folderStore } from './folder.ts';
import { hubStore } from './hub.ts';
import { s3Store } from './s3.ts';
import type { StateReader, StateStore, StoreGround } from './store.ts';
import { webStore } from './web.ts';

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

/** The same where nothing is to be written, which a server of the web will do for. */
export const openToRead = (place: ReadPlace, secret: string | null, ground: StoreGround): StateReader =>
  place.kind === 'web' ? webStore(place, ground) : openStore(place, secret, ground);
