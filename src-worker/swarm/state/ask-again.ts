import { awakeNow } from '../../../src-node/awake-clock.ts';
import { pause } from '../../../src-node/waits.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { ask } from '../net/ask.ts';
import type { Network, Protocol } from '../net/link.ts';
import { ANSWER_PAUSE_MS, ANSWER_TRIES } from './limits.ts';
import { answerMaxBytes, readAnswer } from './protocol.ts';

interface AskLimits {
  /** Most bytes of an answer. */
  readonly sizeBytes: number;
  /** How long one answer may take, in ms. */
  readonly limitMs: number;
  /** Until when the member may keep its judge waiting, on the awake clock in ms: with "later", or with answers that drip. */
  readonly untilMs: number;
  readonly signal: AbortSignal;
}

/**
 * What a member answers, which is asked again while it says "later", and a few times where it gives nothing.
 * @returns null of one who gives no answer by then, however often it is asked
 * @throws the signal's reason
 */
export async function askAgain(
  network: Network,
  to: { readonly hotkey: Ss58; readonly protocol: Protocol },
  question: Uint8Array,
  { sizeBytes, limitMs, untilMs, signal }: AskLimits,
): Promise<Uint8Array | null> {
  const maxBytes = answerMaxBytes(sizeBytes);
  for (let failed = 0; failed < ANSWER_TRIES; ) {
    const leftMs = untilMs - awakeNow();
    if (leftMs <= 0) return null;
    const asked = { maxBytes, limitMs: Math.min(limitMs, leftMs), signal };
    const said = await ask(network, to, question, asked).catch(() => null);
    signal.throwIfAborted();
    const answer = said && readAnswer(said);
    if (answer && answer !== 'later') return answer;
    if (!answer) failed++;
    if (failed < ANSWER_TRIES) await pause(ANSWER_PAUSE_MS, signal);
    signal.throwIfAborted();
  }
  return null;
}
