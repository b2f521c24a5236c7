import type { AuditInput } from '../../../src-shared/audit/inputs.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { ask } from '../net/ask.ts';
import { toBytes } from '../net/json.ts';
import type { Network } from '../net/link.ts';
import { INPUT_LIMIT_MS } from './limits.ts';
import { type AuditQuestion, decodeInput, inputMaxBytes } from './protocol.ts';
import type { KnownRound } from './rosters.ts';

type OwnInput = (round: KnownRound, chunk: number) => Promise<AuditInput | null>;

/** Fetches inputs for one audit. Who does not answer once is not waited for again: the others' time is short. */
export class InputAsker {
  readonly #network: Network;
  readonly #own: OwnInput;
  readonly #silent = new Set<Ss58>();

  /** @param own reads what this member itself put in */
  constructor(network: Network, own: OwnInput) {
    this.#network = network;
    this.#own = own;
  }

  /** What these members put into a chunk, by roster index; who gave nothing is not there. */
  async of(
    round: KnownRound,
    chunk: number,
    members: readonly number[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, AuditInput>> {
    const given = new Map<number, AuditInput>();
    await Promise.all(
      members.map(async (index) => {
        const input = await this.#one(round, chunk, index, signal);
        if (input) given.set(index, input);
      }),
    );
    return given;
  }

  async #one(
    round: KnownRound,
    chunk: number,
    index: number,
    signal: AbortSignal,
  ): Promise<AuditInput | null> {
    const { hotkey, codec } = round.members[index]!;
    if (hotkey === this.#network.self) return this.#own(round, chunk);
    if (this.#silent.has(hotkey)) return null;
    const question: AuditQuestion = { want: 'input', rosterDigest: round.rosterDigest, chunk };
    const limits = {
      maxBytes: inputMaxBytes(round.coder.bytes(codec, chunk)),
      limitMs: INPUT_LIMIT_MS,
      signal,
    };
    const asked = ask(this.#network, { hotkey, protocol: 'audit' }, toBytes(question), limits);
    const answer = await asked.catch(() => null);
    if (!answer) this.#silent.add(hotkey);
    return answer && decodeInput(answer);
  }
}
