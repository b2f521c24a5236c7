import type { Ready } from '../../../src-shared/rounds/messages.ts';
import type { EnvelopeKind } from '../../../src-shared/rounds/signed.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { Control, type ControlInit } from '../control/control.ts';
import { WORK_LIMIT_MS, WORK_MAX_BYTES } from '../limits.ts';
import { ask, serveAnswers } from '../net/ask.ts';
import { fromBytes } from '../net/json.ts';
import type { Network } from '../net/link.ts';
import { honestParts, type SwarmParts } from '../protocols.ts';
import { QUESTION_MAX_BYTES, workQuestionSchema } from '../work.ts';
import { through } from './through.ts';

/**
 * A peer that announces another one's contribution as its own: root, norm and work record of the first honest Ready that
 * it hears. Who asks for its work gets what it fetches from the one it copied.
 */
export function copying(): SwarmParts {
  /** By round: whom it copies. */
  const copied = new Map<number, Ss58>();
  return {
    ...honestParts,
    controlOf: (init) => new CopyingControl(init, copied),
    networkOf: (network) =>
      through(network, {
        handle(protocol, serve) {
          if (protocol === 'work') serveCopies(network, copied);
          else network.handle(protocol, serve);
        },
      }),
  };
}

class CopyingControl extends Control {
  readonly #copied: Map<number, Ss58>;
  /** The newest Ready of another that has something to copy. */
  #model: Ready | null = null;
  /** Our own that waits for one. */
  #waiting: Ready | null = null;

  constructor(init: ControlInit, copied: Map<number, Ss58>) {
    const { onSaid } = init.events;
    const events = {
      ...init.events,
      onSaid: (...[said, signer]: Parameters<typeof onSaid>) => {
        if (said.kind === 'ready' && said.body.weight > 0) this.#hear(said.body);
        onSaid(said, signer);
      },
    };
    super({ ...init, events });
    this.#copied = copied;
  }

  override say<P extends { readonly round: number }>(kind: EnvelopeKind, payload: P): void {
    if (kind === 'ready') {
      this.#waiting = payload as unknown as Ready;
      this.#copy();
    } else super.say(kind, payload);
  }

  #hear(ready: Ready): void {
    if (this.#model === null || ready.round > this.#model.round) this.#model = ready;
    this.#copy();
  }

  #copy(): void {
    const [own, model] = [this.#waiting, this.#model];
    if (!own || model?.round !== own.round) return;
    this.#waiting = null;
    this.#copied.set(own.round, model.hotkey);
    const { root, norm, workDigest, sequences, weight, codec } = model;
    super.say('ready', { ...own, root, norm, workDigest, sequences, weight, codec });
  }
}

function serveCopies(network: Network, copied: ReadonlyMap<number, Ss58>): void {
  const limits = { maxBytes: QUESTION_MAX_BYTES, limitMs: WORK_LIMIT_MS };
  serveAnswers(network, 'work', limits, async (question) => {
    const asked = fromBytes(workQuestionSchema, question);
    const hotkey = asked && copied.get(asked.round);
    if (!hotkey) return null;
    const wanted = {
      maxBytes: WORK_MAX_BYTES,
      limitMs: WORK_LIMIT_MS,
      signal: AbortSignal.timeout(WORK_LIMIT_MS),
    };
    return ask(network, { hotkey, protocol: 'work' }, question, wanted).catch(() => null);
  });
}
