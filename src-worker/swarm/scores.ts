import type { Ss58 } from '../../src-shared/units.ts';
import { SCORES_MAX_BYTES, WORK_LIMIT_MS } from './limits.ts';
import { ask, serveAnswers } from './net/ask.ts';
import type { Network } from './net/link.ts';

const QUESTION = new TextEncoder().encode('scores');
const encoder = new TextEncoder();
/** What stands for "none yet": an empty answer would be a refusal. */
const NONE = encoder.encode('null');

/** A validator's published scores as the text its host wrote; whoever fetches them has to judge them. */
export class Scores {
  readonly #network: Network;
  #offered: Uint8Array = NONE;

  constructor(network: Network) {
    this.#network = network;
    const limits = { maxBytes: QUESTION.length, limitMs: WORK_LIMIT_MS };
    serveAnswers(network, 'scores', limits, async () => this.#offered);
  }

  offer(json: string): void {
    this.#offered = encoder.encode(json);
  }

  /** @returns null when the peer has published none, or what it sent is no text */
  async fetch(hotkey: Ss58, signal: AbortSignal): Promise<string | null> {
    const limits = { maxBytes: SCORES_MAX_BYTES, limitMs: WORK_LIMIT_MS, signal };
    const bytes = await ask(this.#network, { hotkey, protocol: 'scores' }, QUESTION, limits);
    const text = new TextDecoder().decode(bytes);
    return text === 'null' ? null : text;
  }
}
