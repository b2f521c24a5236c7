import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pause } from '../../../src-node/waits.ts';
import type { ChunkCoder } from '../../../src-shared/codec/chunk-coder.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { hasMember } from '../../../src-shared/reduce/bitmap.ts';
import type { ChunkGrid } from '../../../src-shared/reduce/chunks.ts';
import type { ResultsName, Roster } from '../../../src-shared/rounds/messages.ts';
import { encodeResultsList } from '../../../src-shared/rounds/results-list.ts';
import { contributionManifestSchema, spoolFiles, spoolFolder } from '../../../src-shared/spool.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { ask } from '../net/ask.ts';
import { firstAnswer } from '../net/first-answer.ts';
import { fromBytes, toBytes } from '../net/json.ts';
import type { Network } from '../net/link.ts';
import type { Lists } from '../reduce/lists.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import { AverageFile } from './average-file.ts';
import { type KeptRounds, readRoster } from './kept-rounds.ts';
import {
  DONOR_REST_MS,
  ROSTER_ASKS_AT_ONCE,
  ROSTER_LIMIT_MS,
  ROSTER_MAX_BYTES,
  ROSTER_TURNS,
} from './limits.ts';
import { answerMaxBytes, readAnswer, type StateQuestion } from './protocol.ts';
import { progressTeller, type StateProgress } from './telling.ts';
import { Transfer } from './transfer.ts';

interface FollowerInit {
  readonly network: Network;
  readonly disk: SpoolDisk;
  readonly grid: ChunkGrid;
  readonly coder: ChunkCoder;
  readonly spoolDir: string;
  readonly lists: Lists;
  readonly kept: KeptRounds;
  readonly liars: Set<Ss58>;
  onProgress(progress: StateProgress): void;
  onLiar(donor: Ss58, what: 'manifest' | 'piece'): void;
  /** What is open of that round's average is closed: it is made anew. */
  release(rosterDigest: Hex): Promise<void>;
}

/** What a round was to this member, by the roster and the results list that were committed. */
interface Followed {
  /** Whether the roster lists the contribution that lies in this member's spool. */
  readonly drawn: boolean;
  readonly medianNorm: number;
}

/**
 * Follows a committed round without having the average that was committed: not drawn, away, or in possession of another
 * list. The roster and the list by their digests, then each result that is not here by its own: two bytes a parameter
 * instead of a whole state, and no donor is believed.
 */
export class Follower {
  readonly #init: FollowerInit;
  readonly #running = new Set<Hex>();

  constructor(init: FollowerInit) {
    this.#init = init;
  }

  /**
   * The round's average as the list of that name says, in the spool.
   * @throws {AppError} STATE_NO_DONOR when nobody gives what is missing, NOT_NOW when it is on its way already
   */
  async follow(named: ResultsName, signal: AbortSignal): Promise<Followed> {
    const { resultsDigest } = named;
    if (this.#running.has(resultsDigest))
      throw new AppError('NOT_NOW', { what: 'fetchAverage', state: 'running' });
    this.#running.add(resultsDigest);
    try {
      const roster = await this.#roster(named, signal);
      if (!roster) throw new AppError('STATE_NO_DONOR', { round: `${named.round}` });
      const self = await this.#placeIn(roster);
      await this.#bring(named, { roster, self }, signal);
      return { drawn: self !== null, medianNorm: roster.medianNorm };
    } finally {
      this.#running.delete(resultsDigest);
    }
  }

  /**
   * One character for each chunk of this member's contribution to that round, '1' where it was taken, by the roster and
   * list that are here.
   * @returns null where one of them is not: then nobody knows what was taken; no '1' where it was not drawn
   */
  async taken(named: ResultsName, signal: AbortSignal): Promise<string | null> {
    const roster = await this.#init.kept.roster(named.round, named.rosterDigest);
    const list = await this.#init.lists.here(named, signal);
    if (!roster || !list) return null;
    const self = await this.#placeIn(roster);
    return list
      .map((leaf) => (leaf && self !== null && hasMember(leaf.contributors, self) ? '1' : '0'))
      .join('');
  }

  async #bring(
    named: ResultsName,
    { roster, self }: { readonly roster: Roster; readonly self: number | null },
    signal: AbortSignal,
  ): Promise<void> {
    const { network, liars, onLiar, onProgress, lists, release } = this.#init;
    const file = await AverageFile.open({ ...this.#init, named, signal });
    const tell = progressTeller(() => transfer, onProgress);
    const transfer: Transfer = new Transfer({
      ...{ network, file, extents: [], hasStores: false, signal, liars, onLiar },
      onProgress: () => tell(false),
    });
    try {
      const here = await lists.here(named, signal);
      if (here) await transfer.list(encodeResultsList(here));
      await transfer.run();
    } catch (thrown) {
      await file.close();
      if (!signal.aborted) await file.drop();
      throw thrown;
    }
    // On Windows a file that is open keeps its name.
    await release(named.rosterDigest);
    await file.finish(roster, self);
    tell(true);
  }

  /**
   * Where this member stands in a roster with what lies in its spool. Where nothing lies there any more nobody can tell
   * whether it was another contribution: then it is taken for this one, and nothing counts twice.
   */
  async #placeIn(roster: Roster): Promise<number | null> {
    const { network, spoolDir } = this.#init;
    const at = roster.members.findIndex(({ hotkey }) => hotkey === network.self);
    if (at < 0) return null;
    const path = join(spoolDir, spoolFolder(roster.round), spoolFiles.contributionManifest);
    const bytes = await readFile(path).catch(() => null);
    const own = bytes && fromBytes(contributionManifestSchema, bytes);
    return own && own.root !== roster.members[at]!.root ? null : at;
  }

  /** From here, or from whoever has it; who averages answers later, and is asked again. */
  async #roster(named: ResultsName, signal: AbortSignal): Promise<Roster | null> {
    const { kept, network } = this.#init;
    const here = await kept.roster(named.round, named.rosterDigest);
    if (here) return here;
    for (let turn = 0; turn < ROSTER_TURNS; turn++) {
      if (turn > 0) await pause(DONOR_REST_MS, signal);
      signal.throwIfAborted();
      let isLater = false;
      const askPeer = async (peer: Ss58, either: AbortSignal) => {
        const answer = await this.#askForRoster(peer, named, either);
        isLater ||= answer === 'later';
        return answer === 'later' ? null : answer;
      };
      const how = { atOnce: ROSTER_ASKS_AT_ONCE, nextAfterMs: 0 };
      const roster = await firstAnswer(network.peers(), askPeer, how, signal);
      if (roster) {
        await kept.noteRoster(roster, named.rosterDigest);
        return roster;
      }
      if (!isLater) return null;
    }
    return null;
  }

  async #askForRoster(peer: Ss58, named: ResultsName, signal: AbortSignal): Promise<Roster | 'later' | null> {
    const { round, rosterDigest } = named;
    const limits = { maxBytes: answerMaxBytes(ROSTER_MAX_BYTES), limitMs: ROSTER_LIMIT_MS, signal };
    const to = { hotkey: peer, protocol: 'state' } as const;
    const question: StateQuestion = { kind: 'roster', round, rosterDigest };
    const answer = readAnswer(await ask(this.#init.network, to, toBytes(question), limits));
    return answer === 'later' || !answer ? answer : readRoster(answer, named);
  }
}
