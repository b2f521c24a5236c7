import * as v from 'valibot';
import type { Hex } from '../../src-shared/units.ts';
import { hex } from '../../src-shared/units.ts';
import type { SubmitStage } from './chain.ts';
import { hexNumber } from './header.ts';
import { EXTRINSIC_UPDATES } from './node-socket.ts';
import { poolRefusal } from './pool-refusals.ts';
import { NodeError } from './rpc-frame.ts';
import type { Session } from './session.ts';
import type { Signed } from './sign.ts';
import { parse } from './storage.ts';

/** What became of handing a signed transaction to a node. */
export type Handover =
  | { readonly kind: 'taken'; readonly finalizedIn: Promise<string | null> }
  | { readonly kind: 'refused'; readonly error: string }
  /** The socket was gone before: no node has seen it. */
  | { readonly kind: 'unsent' }
  /** No answer: it may or may not have arrived. */
  | { readonly kind: 'lost' };

/** @param told where it stands from now on, as the node says */
export async function handOver(
  session: Session,
  signed: Signed,
  told: (stage: SubmitStage) => void,
  signal: AbortSignal,
): Promise<Handover> {
  if (!session.socket.isOpen) return { kind: 'unsent' };
  const finalizedIn = Promise.withResolvers<string | null>();
  const stages = stagesIn(session, told, signal);
  const giveUp = () => finalizedIn.resolve(null);
  void session.socket.closed.then(giveUp);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const unwatch = await session.socket.subscribe(EXTRINSIC_UPDATES, [signed.encoded], (status) => {
      stages.onStatus(status);
      const end = endOf(status);
      if (end !== undefined) finalizedIn.resolve(end);
    });
    void finalizedIn.promise.then(() => {
      signal.removeEventListener('abort', giveUp);
      stages.end();
      unwatch();
    });
    told({ kind: 'sent' });
    return { kind: 'taken', finalizedIn: finalizedIn.promise };
  } catch (error) {
    giveUp();
    if (error instanceof NodeError && isVerdict(error.code))
      return { kind: 'refused', error: poolRefusal(error.detail ?? error.message) };
    return { kind: 'lost' };
  }
}

const blockHash = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-f]{64}$/),
  v.transform((text): Hex => hex(text.slice(2))),
);
const inBlockSchema = v.object({ inBlock: blockHash });
const retractedSchema = v.object({ retracted: v.string() });

/** What a node says of a transaction under way, told in its order. */
function stagesIn(session: Session, told: (stage: SubmitStage) => void, signal: AbortSignal) {
  let last = Promise.resolve();
  let isOver = false;
  const then = (stage: () => Promise<SubmitStage>) => {
    last = last
      .then(async () => {
        const next = await stage();
        if (!isOver) told(next);
      })
      // A node that does not say in which block it is has said enough: its end is told all the same.
      .catch(() => undefined);
  };
  return {
    onStatus(status: unknown): void {
      const included = v.safeParse(inBlockSchema, status);
      if (included.success)
        then(async () => ({
          kind: 'in-block',
          block: await numberOf(session, included.output.inBlock, signal),
        }));
      else if (v.is(retractedSchema, status)) then(async () => ({ kind: 'sent' }));
    },
    end(): void {
      isOver = true;
    },
  };
}

async function numberOf(session: Session, hash: Hex, signal: AbortSignal): Promise<number> {
  const header = await session.socket.request('chain_getHeader', [`0x${hash}`], signal);
  return parse(v.object({ number: hexNumber }), header).number;
}

/** The node has it already, or has had it: somewhere it is on its way, or in a block (banned for a while after that). */
const MAY_BE_KNOWN = new Set([1012, 1013]);
/** What a node answers when it never looked at what was sent: no JSON, no request, no such method, no such parameters. */
const NOT_TAKEN = new Set([-32_700, -32_600, -32_601, -32_602]);

/**
 * Whether an error says that the transaction is in no pool: the pool's own refusals do (1000 to 1099). Any other may
 * come from a proxy that had passed it on already, and must not be taken for a refusal: that would be sent again.
 */
const isVerdict = (code: number): boolean =>
  (code >= 1000 && code < 1100 && !MAY_BE_KNOWN.has(code)) || NOT_TAKEN.has(code);

/**
 * @returns the finalizing block's hash; null when the node stopped following (dropped, usurped, invalid): another
 * node may still include it, so only the blocks can tell; undefined while it is on its way
 */
function endOf(status: unknown): string | null | undefined {
  const parsed = v.safeParse(v.object({ finalized: v.string() }), status);
  if (parsed.success) return parsed.output.finalized;
  if (status === 'invalid' || status === 'dropped') return null;
  const stopped = v.safeParse(
    v.union([v.object({ usurped: v.string() }), v.object({ finalityTimeout: v.string() })]),
    status,
  );
  return stopped.success ? null : undefined;
}
