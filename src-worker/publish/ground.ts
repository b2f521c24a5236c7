import type { ChildDoor } from '../../src-node/child.ts';
import type { Pace } from '../../src-node/pace.ts';
import type { PublishContract } from '../../src-shared/contract/publish.ts';
import type { Jobs } from './jobs.ts';

/** What all jobs of this process share. */
export interface PublishGround extends Pick<ChildDoor<PublishContract>, 'emit' | 'notice' | 'clearNotice'> {
  /** Folder of this process's own. */
  readonly folder: string;
  readonly jobs: Jobs;
  /** How much of the uplink there is. */
  readonly pace: Pace;
}
