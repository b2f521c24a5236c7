import type { CodedError } from '../errors/app-error.ts';
import type { Dataset, Profile } from './schema.ts';

/** Why this version cannot run a profile; null where it can. Text that may change under a run is no text to agree on. */
export function whyNotRunnable({ consensus }: Profile): CodedError | null {
  const { dataset } = consensus;
  if (dataset.kind === 'embedded' || (dataset.manifest !== null && isCommit(dataset))) return null;
  return { code: 'PROFILE_NOT_RUNNABLE', params: { name: consensus.name } };
}

/** A branch or a tag may mean another state tomorrow; files have their state in the manifest alone. */
const isCommit = (dataset: Dataset): boolean =>
  dataset.kind !== 'hub' || /^[0-9a-f]{40}$/.test(dataset.revision);
