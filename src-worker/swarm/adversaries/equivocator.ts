import type { Ready } from '../../../src-shared/rounds/messages.ts';
import { type EnvelopeKind, signEnvelope } from '../../../src-shared/rounds/signed.ts';
import { Control, type ControlInit } from '../control/control.ts';
import { CONTROL_LIMIT_MS } from '../limits.ts';
import { ask } from '../net/ask.ts';
import { toBytes } from '../net/json.ts';

const LONGEST_ANSWER_BYTES = 1;

/**
 * A peer that says Ready twice: to everybody what it did, and to every other peer afterwards that it did twice as much,
 * both signed.
 */
export class EquivocatingControl extends Control {
  readonly #init: ControlInit;

  constructor(init: ControlInit) {
    super(init);
    this.#init = init;
  }

  override say<P extends { readonly round: number }>(kind: EnvelopeKind, payload: P): void {
    super.say(kind, payload);
    if (kind === 'ready') this.#sayOtherwise(payload as unknown as Ready);
  }

  #sayOtherwise(ready: Ready): void {
    const { network, runTag, sign } = this.#init;
    const grown = { ...ready, sequences: 2 * ready.sequences, norm: 2 * ready.norm };
    const envelope = signEnvelope(runTag, { kind: 'ready', payload: grown, signer: network.self }, sign);
    const limits = { maxBytes: LONGEST_ANSWER_BYTES, limitMs: CONTROL_LIMIT_MS, signal: this.stopped };
    const others = [...network.peers()].sort().filter((_peer, index) => index % 2 === 0);
    for (const hotkey of others)
      void ask(network, { hotkey, protocol: 'control' }, toBytes([envelope]), limits).catch(() => undefined);
  }
}
