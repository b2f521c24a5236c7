import type { Hex } from '../../src-shared/units.ts';
import type { BlockRef } from '../network/chain.ts';
import { AUDIT_LIMIT_MS, VOTE_BLOCKS } from './limits.ts';

/**
 * When a round is looked at: by a block that came after its results, within so much time. Later: no such block has come
 * yet. None: a vote would no longer find its place in a block, however slow those are that give inputs.
 */
export type AuditPlan = { readonly block: BlockRef; readonly limitMs: number } | 'later' | 'none';

/** Which block stood when it was settled what the results of a round are. */
export class AuditBlocks {
  #last: { readonly round: number; readonly list: Hex | null; readonly block: number } | null = null;

  /**
   * The list of the round's results is this one: until it was, a block could have told where to put which of two
   * answers. Said again of the same list it changes nothing.
   */
  note(round: number, list: Hex | null, head: BlockRef | null): void {
    if (this.#last?.round === round && this.#last.list === list) return;
    this.#last = { round, list, block: head?.number ?? 0 };
  }

  /**
   * A restart forgets when the results came, and takes the next block. The block that stands now has lasted a while
   * already: an audit ends so much earlier, or its vote would come that much too late.
   * @param at.blockMs between two blocks, as the chain goes now
   * @param at.nowMs on the wall clock, as blocks are seen
   */
  plan(
    head: BlockRef | null,
    at: {
      readonly round: number;
      readonly outcomeBlock: number;
      readonly blockMs: number;
      readonly nowMs: number;
    },
  ): AuditPlan {
    if (this.#last?.round !== at.round) this.note(at.round, null, head);
    const isBeyond = head !== null && head.number > this.#last!.block;
    const left = at.outcomeBlock - VOTE_BLOCKS - (head?.number ?? 0) - (isBeyond ? 0 : 1);
    if (left <= 0) return 'none';
    if (!isBeyond) return 'later';
    const ageMs = Math.min(at.blockMs, Math.max(0, at.nowMs - head.seenAtMs));
    const limitMs = Math.min(AUDIT_LIMIT_MS, Math.floor(left * at.blockMs - ageMs));
    return limitMs > 0 ? { block: head, limitMs } : 'none';
  }
}
