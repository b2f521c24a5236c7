import { open } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { count } from '../../src-shared/contract/fields.ts';
import { spoolFiles, spoolFolder } from '../../src-shared/spool.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { ROUNDS_KEPT, WORK_LIMIT_MS, WORK_MAX_BYTES } from './limits.ts';
import { ask, serveAnswers } from './net/ask.ts';
import { fromBytes, toBytes } from './net/json.ts';
import type { Network } from './net/link.ts';

export const workQuestionSchema = v.object({ round: count });
export const QUESTION_MAX_BYTES = 256;

/** Work records: this miner's from the spool, once the host has offered them; others' as bytes that the host judges. */
export class Work {
  readonly #network: Network;
  #offered: readonly number[] = [];

  constructor(network: Network, spoolDir: string) {
    this.#network = network;
    const limits = { maxBytes: QUESTION_MAX_BYTES, limitMs: WORK_LIMIT_MS };
    serveAnswers(network, 'work', limits, async (question) => {
      const asked = fromBytes(workQuestionSchema, question);
      if (!asked || !this.#offered.includes(asked.round)) return null;
      return readBounded(join(spoolDir, spoolFolder(asked.round), spoolFiles.work), WORK_MAX_BYTES);
    });
  }

  offer(round: number): void {
    this.#offered = [...this.#offered.filter((r) => r !== round), round].slice(-ROUNDS_KEPT);
  }

  /** @throws {AppError} PEER_REFUSED, PEER_UNREACHABLE, PEER_MALFORMED, TIMEOUT */
  fetch(hotkey: Ss58, round: number, signal: AbortSignal): Promise<Uint8Array> {
    const limits = { maxBytes: WORK_MAX_BYTES, limitMs: WORK_LIMIT_MS, signal };
    return ask(this.#network, { hotkey, protocol: 'work' }, toBytes({ round }), limits);
  }
}

/** @returns null when the file is not there or larger than allowed */
async function readBounded(path: string, maxBytes: number): Promise<Uint8Array | null> {
  const file = await open(path, 'r').catch(() => null);
  if (!file) return null;
  try {
    const { size } = await file.stat();
    return size > maxBytes ? null : new Uint8Array(await file.readFile());
  } finally {
    await file.close();
  }
}
