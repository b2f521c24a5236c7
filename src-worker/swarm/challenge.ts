import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { awakeLimit } from '../../src-node/awake-clock.ts';
import { count } from '../../src-shared/contract/fields.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import {
  CHALLENGE_MARGIN_MS,
  CHALLENGE_MAX_BYTES,
  CHALLENGE_SLICE_BYTES,
  CHALLENGES_AT_ONCE,
  WORK_LIMIT_MS,
} from './limits.ts';
import { MessageReader, sendMessage, withLink } from './net/ask.ts';
import { fromBytes, toBytes } from './net/json.ts';
import type { Network, PeerLink } from './net/link.ts';

const openSchema = v.object({
  bytes: v.pipe(count, v.minValue(1), v.maxValue(CHALLENGE_MAX_BYTES)),
  limitMs: v.pipe(count, v.minValue(1), v.maxValue(120_000)),
});
const SMALL_BYTES = 256;
const ECHOES = 3;
const READY = Uint8Array.of(1);

/** The limit holds for each direction by itself; the bytes go first down, then up. */
const wholeMs = (limitMs: number): number => 2 * limitMs + CHALLENGE_MARGIN_MS;

export interface ChallengeResult {
  readonly latencyMs: number;
  readonly downMs: number;
  readonly upMs: number;
}

/**
 * A bandwidth probe: echoes of a few bytes, then as many random bytes down and up as the profile says. Random, so
 * that nothing on the way can make them fewer.
 */
export class Challenge {
  readonly #network: Network;
  #serving = 0;

  constructor(network: Network) {
    this.#network = network;
    network.handle('challenge', (link, from) => this.#serve(link, from));
  }

  /**
   * @param asked.limitMs for one direction
   * @throws {AppError} PEER_REFUSED when the peer is busy, PEER_UNREACHABLE, PEER_MALFORMED, TIMEOUT
   */
  async run(
    asked: { readonly hotkey: Ss58; readonly bytes: number; readonly limitMs: number },
    stop: AbortSignal,
  ): Promise<ChallengeResult> {
    const { hotkey, bytes, limitMs } = asked;
    if (bytes > CHALLENGE_MAX_BYTES) throw new RangeError('challenge larger than the protocol allows');
    const patience = awakeLimit(wholeMs(limitMs));
    const signal = AbortSignal.any([stop, patience]);
    try {
      const link = await this.#network.open(hotkey, 'challenge', signal);
      return await withLink(link, signal, () => measure(link, hotkey, { bytes, limitMs }));
    } catch (thrown) {
      stop.throwIfAborted();
      if (patience.aborted)
        throw new AppError('TIMEOUT', { what: 'challenge', limitMs: wholeMs(limitMs) }, thrown);
      if (thrown instanceof AppError) throw thrown;
      throw new AppError('PEER_UNREACHABLE', { peer: hotkey }, thrown);
    }
  }

  async #serve(link: PeerLink, from: Ss58): Promise<void> {
    const reader = new MessageReader(link, from);
    const opening = awakeLimit(WORK_LIMIT_MS);
    const stop = () => link.abort();
    opening.addEventListener('abort', stop, { once: true });
    const said = await reader.next(SMALL_BYTES);
    opening.removeEventListener('abort', stop);
    const asked = said && fromBytes(openSchema, said);
    if (!asked || this.#serving >= CHALLENGES_AT_ONCE) {
      await sendMessage(link, new Uint8Array(0));
      return link.close();
    }
    this.#serving++;
    try {
      await withLink(link, awakeLimit(wholeMs(asked.limitMs)), () => answer(link, reader, asked.bytes));
    } finally {
      this.#serving--;
    }
  }
}

async function measure(
  link: PeerLink,
  peer: string,
  asked: { readonly bytes: number; readonly limitMs: number },
): Promise<ChallengeResult> {
  const reader = new MessageReader(link, peer);
  const answered = async (): Promise<Uint8Array> => {
    const answer = await reader.next(SMALL_BYTES);
    if (!answer || answer.length === 0) throw new AppError('PEER_REFUSED', { peer });
    return answer;
  };
  await sendMessage(link, toBytes(asked));
  await answered();
  const echoes: number[] = [];
  for (let i = 0; i < ECHOES; i++) echoes.push(await timed(() => sendMessage(link, READY).then(answered)));
  const downMs = await timed(async () => {
    await sendMessage(link, READY);
    if (!(await reader.skip(asked.bytes)))
      throw new AppError('PEER_MALFORMED', { peer, detail: 'too few bytes' });
  });
  const upMs = await timed(() => sendRandom(link, asked.bytes).then(answered));
  return { latencyMs: Math.min(...echoes), downMs, upMs };
}

async function answer(link: PeerLink, reader: MessageReader, bytes: number): Promise<void> {
  await sendMessage(link, READY);
  for (let i = 0; i < ECHOES; i++) {
    if (!(await reader.next(SMALL_BYTES))) return;
    await sendMessage(link, READY);
  }
  if (!(await reader.next(SMALL_BYTES))) return;
  await sendRandom(link, bytes);
  if (await reader.skip(bytes)) await sendMessage(link, READY);
}

async function sendRandom(link: PeerLink, bytes: number): Promise<void> {
  // One block again and again: no compression stands between peers, and fresh randomness would cost more than TLS.
  const block = randomBytes(Math.min(bytes, CHALLENGE_SLICE_BYTES));
  for (let left = bytes; left > 0; left -= block.length) await link.send(block.subarray(0, left));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return performance.now() - startedAtMs;
}
