import type { CodedError } from '../errors/app-error.ts';
import type { Profile } from './schema.ts';

/** Why this version cannot run a profile yet; null where it can. */
export function whyNotRunnable({ consensus }: Profile): CodedError | null {
  if (consensus.dataset.kind === 'embedded') return null;
  return { code: 'PROFILE_NOT_RUNNABLE', params: { name: consensus.name } };
}
