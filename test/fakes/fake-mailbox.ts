import type { Ready, Roster } from '../../src-shared/rounds/messages.ts';
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
);

export interface MailEvents {
  /** Another member said something new. */
  heard(said: Said): void;
  /** More than half of the witnesses said this roster. */
  agreed(roster: Roster): void;
  /** Another witness proposes a roster that this one, a witness too, has not said. */
  proposed(roster: Roster): void;
}

/**
 * What one member of the fake swarm has said and heard: nothing counts twice, the newest round of each signer and
 * kind is held, and a witness's first vote stands.
 */
export class FakeMailbox {
  readonly #self: Ss58;
  readonly #events: MailEvents;
  readonly #held = new Map<string, Said>();
  readonly #agreed = new Set<Hex>();
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

  setRound(round: number): void {
    this.#round = round;
  }

  setWitnesses(witnesses: ReadonlySet<Ss58>): void {
    this.#witnesses = witnesses;
    const rounds = new Set(this.#votes().map(({ round }) => round));
    for (const round of rounds) this.#count(round);
  }

  /** @returns whether it said something new */
  hear(said: Said): boolean {
    const { kind, round, signer } = said;
    if (kind === 'ready' && said.body.hotkey !== signer) return false;
    const isVote = kind === 'roster';
    if (isVote && signer !== this.#self && this.#witnesses.size > 0 && !this.#witnesses.has(signer))
      return false;
    if (signer !== this.#self && this.#round !== null && Math.abs(round - this.#round) > 1) return false;
    const key = `${kind} ${signer}`;
    const newest = this.#held.get(key);
    if (newest && newest.round > round) return false;
    const before = newest?.round === round ? newest : undefined;
    if (before && (isVote || JSON.stringify(before.body) === JSON.stringify(said.body))) return false;
    this.#held.set(key, said);
    if (signer !== this.#self) this.#events.heard(said);
    if (!isVote) return true;
    this.#count(round);
    const ours = this.#votes().some((vote) => vote.round === round && vote.signer === this.#self);
    if (this.#witnesses.has(this.#self) && !ours) this.#events.proposed(said.body);
    return true;
  }

  #votes() {
    return [...this.#held.values()].filter((said) => said.kind === 'roster');
  }

  #count(round: number): void {
    const counts = new Map<Hex, { readonly roster: Roster; count: number }>();
    for (const { signer, body, round: of } of this.#votes()) {
      if (of !== round || !this.#witnesses.has(signer)) continue;
      const digest = rosterDigest(body);
      counts.set(digest, { roster: body, count: (counts.get(digest)?.count ?? 0) + 1 });
    }
    for (const [digest, { roster, count }] of counts) {
      if (count <= this.#witnesses.size / 2 || this.#agreed.has(digest)) continue;
      this.#agreed.add(digest);
      this.#events.agreed(roster);
    }
  }
}
