import type { CodedError } from '../errors/app-error.ts';
import { unpinnedParts } from './pinned.ts';
import type { Profile } from './schema.ts';

/** Why this version cannot run a profile; null where it can. What peers could take for different things is no ground to meet on. */
export function whyNotRunnable({ consensus }: Profile): CodedError | null {
  const unpinned = unpinnedParts(consensus);
  if (unpinned.length === 0) return null;
  return { code: 'PROFILE_UNPINNED', params: { name: consensus.name, parts: unpinned.join(', ') } };
}
