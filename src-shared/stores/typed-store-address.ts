import { parseStoreAddress, type StoreAddress } from './store-address.ts';

const HUB_PAGE = /^https:\/\/(?:www\.)?huggingface\.co\/([^/?#]+\/[^/?#]+)/;

/** A store as a person names it: by its address, by its page on the Hub, or by the path of a folder. @returns null for none */
export function typedStoreAddress(typed: string): StoreAddress | null {
  const text = typed.trim();
  const [, repository] = HUB_PAGE.exec(text) ?? [];
  if (repository !== undefined) return parseStoreAddress(`hub:${repository}`);
  return parseStoreAddress(text) ?? parseStoreAddress(`${text}/`) ?? parseStoreAddress(`folder:${text}`);
}
