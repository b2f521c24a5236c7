import { AppError } from '../../src-shared/errors/app-error.ts';
import type { RunAnnouncement } from '../../src-shared/profile/announcement.ts';
import { profileHash } from '../../src-shared/profile/profile.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { type FoundRun, findRun, type RunPlace, readAnnouncement } from './find-run.ts';
import { SUCCESSIONS_MAX } from './limits.ts';
import { demandSameHands, profileAt } from './profile-at.ts';
import type { SeenAnnouncements } from './seen-announcements.ts';

/** What an announcement means for a run that works: the run that follows it, or none. */
export interface Succession {
  readonly announcement: RunAnnouncement;
  readonly successor: FoundRun | null;
}

/**
 * What is announced on a run's subnet, as far as it concerns that run. A run follows another if its profile says so, or
 * that of a run which it follows; its announcement is the owner's transaction, and all else is checked as for whoever
 * joins by the number of the subnet (decision 42).
 * @param known what came of the look before; an announcement that was judged is not fetched again
 * @returns null where nothing is announced
 * @throws {AppError} as `findRun`
 */
export async function findSuccession(
  { network, consensus }: Pick<RunPlace, 'network'> & { readonly consensus: Consensus },
  seen: SeenAnnouncements,
  known: Succession | null,
  signal: AbortSignal,
): Promise<Succession | null> {
  const { netuid } = consensus.chain;
  const announced = await readAnnouncement(network, netuid, signal).catch(nullWhereNone);
  if (!announced) return null;
  const { announcement } = announced;
  if (known && isSame(known.announcement, announcement)) return known;
  if (announcement.profileHash === profileHash(consensus)) return { announcement, successor: null };
  const found = await findRun({ network, netuid, store: null }, seen, signal);
  return {
    announcement: found.announcement,
    successor: (await follows(found, consensus, signal)) ? found : null,
  };
}

const isSame = (one: RunAnnouncement, other: RunAnnouncement): boolean =>
  one.profileHash === other.profileHash && one.block === other.block;

function nullWhereNone(thrown: unknown): null {
  if (thrown instanceof AppError && thrown.code === 'RUN_NOT_ANNOUNCED') return null;
  throw thrown;
}

/** Goes back from run to run: who was away may meet the successor of a successor. */
async function follows(
  { announcement, profile }: FoundRun,
  consensus: Consensus,
  signal: AbortSignal,
): Promise<boolean> {
  const own = profileHash(consensus);
  let { predecessor } = profile.consensus;
  for (let steps = 0; predecessor && steps < SUCCESSIONS_MAX; steps++) {
    if (predecessor.hash === own) {
      const { genesis, netuid, identity } = profile.consensus.chain;
      demandSameHands(consensus, {
        ...(genesis !== undefined && { genesis }),
        ...{ netuid, ownerColdkey: identity.ownerColdkey },
      });
      return true;
    }
    ({ predecessor } = (await profileAt(announcement.store, predecessor.hash, signal)).consensus);
  }
  return false;
}
