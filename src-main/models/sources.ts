import { hubUrl } from '../../src-node/hub-url.ts';
import { sha256Hex } from '../../src-node/sha256.ts';
import type { ModelSourceWhy } from '../../src-shared/contract/page/models.ts';
import {
  printStoreAddress,
  type StoreAddress,
  shownStoreAddress,
} from '../../src-shared/stores/store-address.ts';
import type { OpenedPlace } from '../publishing/chosen-place.ts';
import { readPlace } from '../publishing/read-place.ts';

/** A store that is looked at for models. */
export interface StoreOfModels {
  readonly id: string;
  /** For people. */
  readonly address: string;
  readonly why: ModelSourceWhy;
  /** The page of a state for people; null for a store that has none. */
  linkOf(tag: string): string | null;
  /** With what opens it, for one job. null: it cannot be read. @throws {AppError} of a token */
  open(): Promise<OpenedPlace | null>;
}

/** A store that everybody may read. */
export const readStore = (address: StoreAddress, why: ModelSourceWhy): StoreOfModels => ({
  id: idOf(printStoreAddress(address)),
  address: shownStoreAddress(address),
  why,
  linkOf: (tag) =>
    address.kind === 'hub' ? `${hubUrl()}/${address.repository}/tree/${encodeURIComponent(tag)}` : null,
  open: async () => readPlace(address),
});

/** Where this computer publishes, by its own key. */
export const ownStore = (name: string, open: () => Promise<OpenedPlace | null>): StoreOfModels => ({
  id: idOf(`own ${name}`),
  address: name,
  why: 'own',
  linkOf: (tag) =>
    name.startsWith('hub:') ? `${hubUrl()}/${name.slice(4)}/tree/${encodeURIComponent(tag)}` : null,
  open,
});

const idOf = (text: string): string => sha256Hex(text).slice(0, 16);
