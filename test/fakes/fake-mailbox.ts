import type { Ready, ResultsVote, Roster } from '../../src-shared/rounds/messages.ts';
import { rosterDigest } from '../../src-shared/rounds/signed.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';

interface Result {
  readonly round: number;
  readonly resultId: Hex;
  readonly baseDigest: Hex;
}

/** What a member says to everybody about a round. */
export type Said = { readonly signer: Ss58; readonly round: number } & (
  | { readonly kind: 'ready'; readonly body: Ready }
  | { readonly kind: 'roster'; readonly body: Roster }
  | { readonly kind: 'result'; readonly body: Result }
  | { readonly kind: 'results'; readonly body: ResultsVote }
);

export interface MailEvents {
  /** Another member said something new. */
  heard(said: Said): void;
  /** More than half of the witnesses said this roster. */
  agreed(roster: Roster): void;
  /** Another witness proposes a roster that this one, a witness too, has not said. */
  proposed(roster: Roster): void;
  /** More than half of the witnesses said this list of results. */
  listed(vote: ResultsVote): void;
  /** Another witness proposes a list of results, and this one, a witness too, has said none. */
  list(vote: ResultsVote): void;
  /** A witness said two rosters, or two lists, of one round. */
  contradicted(signer: Ss58, round: number): void;
}

/**
 * What one member of the fake swarm has said and heard: nothing counts twice, the newest round of each signer and
 * kind is held, and a witness's first vote stands.
 */
export class FakeMailbox {
  readonly #self: Ss58;
  readonly #events: MailEvents;
  readonly #held = new Map<string, Said>();
  readonly #agreed = new Set<Hex | string>();
  readonly #contradicting = new Map<Ss58, number>();
  #witnesses: ReadonlySet<Ss58> = new Set();
  #round: number | null = null;

  constructor(self: Ss58, events: MailEvents) {
    this.#self = self;
    this.#events = events;
  }

  /** What this member itself has said and still counts: what it hands to whoever connects. */
  own(): Said[] {
    const since = this.#round ?? 0;
    return [...this.#held.values()].filter(({ signer, round }) => signer === this.#self && round >= since);
  }

  get isWitness(): boolean {
    return this.#witnesses.has(this.#self);
  }

  isOfWitness(hotkey: Ss58): boolean {
    return this.#witnesses.has(hotkey);
  }

  setRound(round: number): void {
    this.#round = round;
  }

  setWitnesses(witnesses: ReadonlySet<Ss58>): void {
    this.#witnesses = witnesses;
    const rounds = new Set([...this.#held.values()].map(({ round }) => round));
    for (const round of rounds) this.#count(round);
  }

  /** @returns whether it said something new */
  hear(said: Said): boolean {
    const { kind, round, signer } = said;
    if (kind === 'ready' && said.body.hotkey !== signer) return false;
    const isVote = kind === 'roster' || kind === 'results';
    if (isVote && signer !== this.#self && this.#witnesses.size > 0 && !this.#witnesses.has(signer))
      return false;
    if (signer !== this.#self && this.#round !== null && Math.abs(round - this.#round) > 1) return false;
    const key = `${kind} ${signer}`;
    const newest = this.#held.get(key);
    if (newest && newest.round > round) return false;
    const before = newest?.round === round ? newest : undefined;
    if (before && isVote) this.#noteVote(before, said);
    if (before && (isVote || JSON.stringify(before.body) === JSON.stringify(said.body))) return false;
    this.#held.set(key, said);
    if (signer !== this.#self) this.#events.heard(said);
    if (!isVote) return true;
    this.#count(round);
    const ours = this.votesOf(round, kind).some((vote) => vote.signer === this.#self);
    if (said.body.proposer !== signer || !this.isWitness || ours) return true;
    if (said.kind === 'results') this.#events.list(said.body);
    else this.#events.proposed(said.body);
    return true;
  }

  #noteVote(before: Said, { signer, round, body }: Said): void {
    if (JSON.stringify(before.body) === JSON.stringify(body)) return;
    if (this.#contradicting.get(signer) === round) return;
    this.#contradicting.set(signer, round);
    this.#events.contradicted(signer, round);
  }

  votesOf(of: number, kind: 'roster' | 'results'): Said[] {
    return [...this.#held.values()].filter((said) => said.kind === kind && said.round === of);
  }

  #count(round: number): void {
    const counts = new Map<string, { readonly said: Said; count: number }>();
    for (const said of [...this.votesOf(round, 'roster'), ...this.votesOf(round, 'results')]) {
      if (!this.#witnesses.has(said.signer)) continue;
      const key = said.kind === 'roster' ? rosterDigest(said.body) : listKey(said);
      counts.set(key, { said, count: (counts.get(key)?.count ?? 0) + 1 });
    }
    for (const [key, { said, count }] of counts) {
      if (count <= this.#witnesses.size / 2 || this.#agreed.has(key)) continue;
      this.#agreed.add(key);
      if (said.kind === 'roster') this.#events.agreed(said.body);
      else if (said.kind === 'results') this.#events.listed(said.body);
    }
  }
}

const listKey = ({ body }: Said): string =>
  'resultsDigest' in body ? `${body.rosterDigest} ${body.resultsDigest}` : '';
