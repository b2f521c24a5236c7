import { awakeLimit } from '../../../src-node/awake-clock.ts';
import { underEither } from '../../../src-node/waits.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { ROSTERS_KEPT } from '../audit/limits.ts';
import { OwnInputs } from '../audit/own-inputs.ts';
import type { KnownRosters, KnownRound } from '../audit/rosters.ts';
import { MessageReader, sendMessage, withLink } from '../net/ask.ts';
import { fromBytes } from '../net/json.ts';
import type { Network, PeerLink } from '../net/link.ts';
import type { Giving } from '../state/giving.ts';
import { later } from '../state/protocol.ts';
import { sendPaced } from '../state/send-paced.ts';
import {
  ANSWER_LIMIT_MS,
  CONTRIBUTION_QUESTION_BYTES_MAX,
  COPIES_PER_WITNESS,
  COPIES_TO_OTHERS,
} from './limits.ts';
import { type ContributionQuestion, chunksFrom, contributionQuestionSchema } from './protocol.ts';

export interface ContributionGivingInit {
  readonly network: Network;
  readonly rosters: KnownRosters;
  readonly spoolDir: string;
  /** States and contributions share what of the uplink is given, and rest while a round averages. */
  readonly giving: Giving;
  isWitness(hotkey: Ss58): boolean;
}

/** An empty answer is one. */
const REFUSAL = new Uint8Array(0);

/** Hands this member's contribution over to those who judge it, as it was sent. */
export class ContributionGiving {
  readonly #init: ContributionGivingInit;
  readonly #own: OwnInputs;
  readonly #given = new Map<Hex, Map<Ss58 | 'others', number>>();
  readonly #stopping = new AbortController();

  constructor(init: ContributionGivingInit) {
    this.#init = init;
    this.#own = new OwnInputs(init.network.self, init.spoolDir);
    init.network.handle('contribution', (link, from) =>
      underEither([awakeLimit(ANSWER_LIMIT_MS), this.#stopping.signal], (signal) =>
        withLink(link, signal, () => this.#serve(link, from, signal)),
      ),
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#own.close();
  }

  async #serve(link: PeerLink, from: Ss58, signal: AbortSignal): Promise<void> {
    const said = await new MessageReader(link, from).next(CONTRIBUTION_QUESTION_BYTES_MAX);
    const question = said && fromBytes(contributionQuestionSchema, said);
    const round = question && this.#init.rosters.get(question.rosterDigest);
    const whose = round && this.#accountOf(round, from);
    if (!round || !whose) return sendMessage(link, REFUSAL);
    const { giving } = this.#init;
    const wanted = await this.#read(round, question);
    if (!wanted || !this.#mayHave(round, whose, wanted.chunks)) return sendMessage(link, REFUSAL);
    const gone = giving.admit(from, wanted.bytes.length, 'judge');
    if (!gone) return sendMessage(link, later());
    try {
      this.#count(round, whose, wanted.chunks);
      await underEither([signal, giving.held], (either) =>
        sendPaced(link, wanted.bytes, giving.pace, either),
      );
    } finally {
      gone();
    }
  }

  /** On whose account it goes; null for who may have none: other miners have no use for it but to copy. */
  #accountOf({ members }: KnownRound, from: Ss58): Ss58 | 'others' | null {
    if (this.#init.isWitness(from)) return from;
    return members.some(({ hotkey, weight }) => hotkey === from && weight === 0) ? 'others' : null;
  }

  async #read(
    round: KnownRound,
    question: ContributionQuestion,
  ): Promise<{ readonly bytes: Uint8Array; readonly chunks: number } | null> {
    if (question.want === 'leaves') {
      const leaves = await this.#own.leaves(round);
      return leaves && { bytes: Buffer.concat(leaves), chunks: 0 };
    }
    const wanted = chunksFrom(question.first, round.grid.chunks);
    const parts: Uint8Array[] = [];
    for (const chunk of wanted) {
      const input = await this.#own.read(round, chunk);
      if (!input) return null;
      parts.push(input.bytes);
    }
    return parts.length === 0 ? null : { bytes: Buffer.concat(parts), chunks: parts.length };
  }

  #mayHave({ rosterDigest, grid }: KnownRound, whose: Ss58 | 'others', chunks: number): boolean {
    const copies = whose === 'others' ? COPIES_TO_OTHERS : COPIES_PER_WITNESS;
    return (this.#given.get(rosterDigest)?.get(whose) ?? 0) + chunks <= copies * grid.chunks;
  }

  #count({ rosterDigest }: KnownRound, whose: Ss58 | 'others', chunks: number): void {
    const round = this.#given.get(rosterDigest) ?? new Map<Ss58 | 'others', number>();
    this.#given.set(rosterDigest, round.set(whose, (round.get(whose) ?? 0) + chunks));
    for (const old of [...this.#given.keys()].slice(0, -ROSTERS_KEPT)) this.#given.delete(old);
  }
}
