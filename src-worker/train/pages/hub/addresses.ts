import { isNearbyHost } from '../../../../src-shared/stores/store-address.ts';

/** Where things of a data set lie on the Hub. Names come from profiles and listings, so each part is escaped. */
export interface HubDataset {
  /** https://huggingface.co, or a mirror's. */
  readonly hubUrl: string;
  readonly id: string;
}

const parts = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

const under = (hubUrl: string, path: string): string => new URL(path, `${hubUrl.replace(/\/+$/, '')}/`).href;

export const hostOf = ({ hubUrl }: Pick<HubDataset, 'hubUrl'>): string => new URL(hubUrl).host;

/** What a branch, tag or commit is now. */
export const revisionUrl = ({ hubUrl, id }: HubDataset, revision: string): string =>
  under(hubUrl, `api/datasets/${parts(id)}/revision/${encodeURIComponent(revision)}`);

/** First page of the list of all files below a folder, '' for all of them. */
export const treeUrl = ({ hubUrl, id }: HubDataset, commit: string, folder: string): string =>
  under(hubUrl, `api/datasets/${parts(id)}/tree/${commit}/${parts(folder)}?recursive=true`);

/** A file, or the way to where it lies. */
export const fileUrl = ({ hubUrl, id }: HubDataset, commit: string, path: string): string =>
  under(hubUrl, `datasets/${parts(id)}/resolve/${commit}/${parts(path)}`);

/**
 * What is wrong with an address that the way to a file leads to, in words; null where nothing is. Whoever may change what
 * travels may change the text, and no stranger's redirect asks in the user's own network: a Hub that lies there itself may.
 */
export function faultOfWay({ hubUrl }: Pick<HubDataset, 'hubUrl'>, next: URL): string | null {
  const hub = new URL(hubUrl);
  if (next.protocol !== 'https:' && !(next.protocol === 'http:' && hub.protocol === 'http:'))
    return 'it leads to an address without encryption';
  if (next.username !== '' || next.password !== '') return 'it leads to an address with a password';
  if (isNearbyHost(next.hostname) && !isNearbyHost(hub.hostname))
    return 'it leads into the network of this computer';
  return null;
}
