import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import type { Patience } from '../state/patience.ts';
import { type FetchedContribution, fetchContribution } from './fetch.ts';
import { ContributionGiving, type ContributionGivingInit } from './give.ts';

interface ContributionsInit extends ContributionGivingInit {
  readonly disk: SpoolDisk;
  /** With whom is looked at now. */
  patience(): Patience;
}

/** Contributions that are looked at whole: this member's for its judges, and others' where it judges itself. */
export class Contributions {
  readonly #init: ContributionsInit;
  readonly #gives: ContributionGiving;
  #last: Promise<unknown> = Promise.resolve();

  constructor(init: ContributionsInit) {
    this.#init = init;
    this.#gives = new ContributionGiving(init);
  }

  /**
   * One after another, for all go into the same file.
   * @throws {AppError} NOT_NOW where that roster is not known here, DISK_FULL
   */
  fetch(
    { rosterDigest, hotkey }: { readonly rosterDigest: Hex; readonly hotkey: Ss58 },
    signal: AbortSignal,
  ): Promise<FetchedContribution> {
    const fetching = this.#last.then(() => {
      signal.throwIfAborted();
      const round = this.#init.rosters.get(rosterDigest);
      if (!round)
        throw new AppError('NOT_NOW', { what: 'Fetching a contribution', state: 'without that roster' });
      const { network, disk, spoolDir, patience } = this.#init;
      return fetchContribution({ network, disk, spoolDir, patience: patience() }, round, hotkey, signal);
    });
    this.#last = fetching.catch(() => undefined);
    return fetching;
  }

  stop(): Promise<void> {
    return this.#gives.stop();
  }
}
