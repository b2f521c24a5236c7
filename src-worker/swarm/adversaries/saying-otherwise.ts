import type { EnvelopeKind } from '../../../src-shared/rounds/signed.ts';
import { Control, type ControlInit } from '../control/control.ts';

/** Any payload of a round; its kind says what it is. */
interface OfRound {
  readonly round: number;
}

/** What is signed and sent in place of what the host or a protocol wanted said. */
export type Twist = (kind: EnvelopeKind, payload: OfRound) => OfRound;

/** A peer that signs other words than its own parts gave it. It hears and counts like any other. */
export class TwistedControl extends Control {
  readonly #twist: Twist;

  constructor(init: ControlInit, twist: Twist) {
    super(init);
    this.#twist = twist;
  }

  override say(kind: EnvelopeKind, payload: OfRound): void {
    super.say(kind, this.#twist(kind, payload));
  }
}
