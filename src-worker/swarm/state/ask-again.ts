import { pause } from '../../../src-node/waits.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { ask } from '../net/ask.ts';
import type { Network, Protocol } from '../net/link.ts';
import { ANSWER_PAUSE_MS, ANSWER_TRIES } from './limits.ts';
import { answerMaxBytes, readAnswer } from './protocol.ts';

/**
 * What a member answers, which is asked again while it says "later", and a few times where it gives nothing.
 * @param limits most bytes of an answer, and how long one may take
 * @returns null of one who gives no answer, however often it is asked
 * @throws the signal's reason
 */
export async function askAgain(
  network: Network,
  to: { readonly hotkey: Ss58; readonly protocol: Protocol },
  question: Uint8Array,
  limits: { readonly sizeBytes: number; readonly limitMs: number; readonly signal: AbortSignal },
): Promise<Uint8Array | null> {
  const { limitMs, signal } = limits;
  const asked = { maxBytes: answerMaxBytes(limits.sizeBytes), limitMs, signal };
  for (let failed = 0; failed < ANSWER_TRIES; ) {
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
