import type { Envelope, EnvelopeKind } from '../../../src-shared/rounds/signed.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { MAX_CHANGES_PER_ROUND, RECEIPT_ROUNDS_HELD } from '../limits.ts';

/** What a witness says once a round, and never otherwise. */
export const isVote = (kind: EnvelopeKind): kind is 'roster' | 'results' =>
  kind === 'roster' || kind === 'results';

interface HeldMessage {
  readonly round: number;
  readonly envelope: Envelope;
  readonly changes: number;
}

/**
 * The newest message of each signer and kind, so that late peers can have it. What a signer says can only push out
 * what it said itself, and an older word of it never takes the place of a newer one, whoever passes it on.
 */
export class HeldMessages {
  /** Newest first. */
  readonly #bySigner = new Map<Ss58, Map<EnvelopeKind, readonly HeldMessage[]>>();

  has(envelope: Envelope): boolean {
    const held = this.#bySigner.get(envelope.signer)?.get(envelope.kind) ?? [];
    return held.some((message) => message.envelope.signature === envelope.signature);
  }

  /**
   * Takes a verified message. A witness's vote stands; other messages may be replaced within their round, a bounded
   * number of times.
   * @returns whether it says something new
   */
  take(envelope: Envelope, round: number): boolean {
    const kinds = this.#bySigner.get(envelope.signer) ?? new Map<EnvelopeKind, readonly HeldMessage[]>();
    const held = kinds.get(envelope.kind) ?? [];
    const [newest] = held;
    if (newest && round < newest.round) return false;
    const before = newest?.round === round ? newest : undefined;
    if (before?.envelope.payload === envelope.payload) return false;
    if (before && (isVote(envelope.kind) || before.changes >= MAX_CHANGES_PER_ROUND)) return false;
    const others = held.filter((message) => message !== before);
    const kept = [{ round, envelope, changes: (before?.changes ?? 0) + 1 }, ...others];
    const mayHold = envelope.kind === 'receipts' ? RECEIPT_ROUNDS_HELD : 1;
    this.#bySigner.set(envelope.signer, kinds.set(envelope.kind, kept.slice(0, mayHold)));
    return true;
  }

  /** Whether the signer said something else of that kind and round before. */
  contradicts(envelope: Envelope, round: number): boolean {
    const held = this.#bySigner.get(envelope.signer)?.get(envelope.kind) ?? [];
    return held.some((one) => one.round === round && one.envelope.payload !== envelope.payload);
  }

  of(kind: EnvelopeKind, round: number): Envelope[] {
    return this.#all()
      .filter((message) => message.envelope.kind === kind && message.round === round)
      .map(({ envelope }) => envelope);
  }

  /** The newest word of every signer on something. */
  newest(kind: EnvelopeKind): Envelope[] {
    return this.#all().flatMap(({ envelope }) => (envelope.kind === kind ? [envelope] : []));
  }

  /** What a peer that connects now may still need. @param isCurrent by kind and round */
  current(isCurrent: (kind: EnvelopeKind, round: number) => boolean): Envelope[] {
    return this.#all()
      .filter(({ envelope, round }) => isCurrent(envelope.kind, round))
      .map(({ envelope }) => envelope);
  }

  roundsOf(kind: EnvelopeKind): ReadonlySet<number> {
    return new Set(this.#all().flatMap((m) => (m.envelope.kind === kind ? [m.round] : [])));
  }

  /** Forgets signers that are no members any more. */
  keepOnly(signers: ReadonlySet<string>): void {
    for (const signer of this.#bySigner.keys()) if (!signers.has(signer)) this.#bySigner.delete(signer);
  }

  /** Forgets messages of rounds that do not count any more, or not yet. @param counts by kind and round */
  keepRounds(counts: (kind: EnvelopeKind, round: number) => boolean): void {
    for (const kinds of this.#bySigner.values())
      for (const [kind, held] of kinds)
        kinds.set(
          kind,
          held.filter(({ round }) => counts(kind, round)),
        );
  }

  #all(): HeldMessage[] {
    return [...this.#bySigner.values()].flatMap((kinds) => [...kinds.values()].flat());
  }
}
