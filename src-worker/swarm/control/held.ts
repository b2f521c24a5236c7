import type { Envelope, EnvelopeKind } from '../../../src-shared/rounds/signed.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { HELD_PER_KIND, MAX_CHANGES_PER_ROUND } from '../limits.ts';

interface HeldMessage {
  readonly round: number;
  readonly envelope: Envelope;
  readonly changes: number;
}

/**
 * The last messages of each signer, so that late peers can have them. What a signer says can only push out what it
 * said itself.
 */
export class HeldMessages {
  readonly #bySigner = new Map<Ss58, Map<EnvelopeKind, HeldMessage[]>>();

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
    const kinds = this.#bySigner.get(envelope.signer) ?? new Map<EnvelopeKind, HeldMessage[]>();
    const held = kinds.get(envelope.kind) ?? [];
    const before = held.find((message) => message.round === round);
    if (before?.envelope.payload === envelope.payload) return false;
    if (before && (envelope.kind === 'roster' || before.changes >= MAX_CHANGES_PER_ROUND)) return false;
    const others = held.filter((message) => message !== before);
    const kept = [...others, { round, envelope, changes: (before?.changes ?? 0) + 1 }];
    this.#bySigner.set(envelope.signer, kinds.set(envelope.kind, kept.slice(-HELD_PER_KIND)));
    return true;
  }

  of(kind: EnvelopeKind, round: number): Envelope[] {
    return [...this.#bySigner.values()].flatMap((kinds) =>
      (kinds.get(kind) ?? []).filter((message) => message.round === round).map(({ envelope }) => envelope),
    );
  }

  all(): Envelope[] {
    const signers = [...this.#bySigner.values()];
    return signers.flatMap((kinds) => [...kinds.values()].flatMap((held) => held.map((m) => m.envelope)));
  }

  /** Forgets signers that are no members any more. */
  keepOnly(signers: ReadonlySet<string>): void {
    for (const signer of this.#bySigner.keys()) if (!signers.has(signer)) this.#bySigner.delete(signer);
  }
}
