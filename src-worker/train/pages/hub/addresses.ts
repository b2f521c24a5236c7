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
