import type { StoreAddress } from '../../../src-shared/contract/publish/stores.ts';
import { folderStore } from './folder.ts';
import type { StateStore, StoreGround } from './store.ts';

/** @param _secret token or secret key; null for none */
export function openStore(address: StoreAddress, _secret: string | null, ground: StoreGround): StateStore {
  switch (address.kind) {
    case 'folder':
      return folderStore(address.path, ground);
  }
}
