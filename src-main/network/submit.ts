import * as v from 'valibot';
import { aborted, pause } from '../../src-node/waits.ts';
import type { Money } from '../../src-shared/chain/calls.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import { buildCall, effectOf, moneyOf, sayCall } from './calls/calls.ts';
import { hasCall } from './calls/extrinsic.ts';
import type { CallEffect, ChainCall, Signer, SubmitOptions, TxFate } from './chain.ts';
import { chooseEra } from './era.ts';
import { fateAt, lookUp, type Sent } from './fate.ts';
import { blockHash, type Follower } from './follow.ts';
import { ANCHOR_LAG_BLOCKS, CATCH_UP_LIMIT_MS } from './limits.ts';
import type { Link } from './link.ts';
import { EXTRINSIC_UPDATES } from './node-socket.ts';
import type { Nonces } from './nonces.ts';
import { poolRefusal } from './pool-refusals.ts';
import type { SeenEvent } from './reads/events.ts';
import { NodeError } from './rpc-frame.ts';
import type { Session } from './session.ts';
import { type Signed, signExtrinsic } from './sign.ts';
import { anyUint, parse, readMany, requiredItem } from './storage.ts';

export type Submit = (
  call: ChainCall,
  signer: Signer,
  signal: AbortSignal,
  options?: SubmitOptions,
) => Promise<TxFate>;

export interface SubmitContext {
  readonly link: Link;
  readonly netuid: number;
  readonly follower: Follower;
  /** One for all who sign on a network: a coldkey may stake on two subnets at once. */
  readonly nonces: Nonces;
  /** Each call that was handed over, and what became of it. */
  log(line: string): void;
  /** Run before a call that moves money; throws where it must not go there. */
  readonly guard: (money: Money, session: Session, signal: AbortSignal) => Promise<void>;
}

/** What became of handing a signed transaction to a node. */
type Handover =
  | { readonly kind: 'taken'; readonly finalizedIn: Promise<string | null> }
  | { readonly kind: 'refused'; readonly error: string }
  /** The socket was gone before: no node has seen it. */
  | { readonly kind: 'unsent' }
  /** No answer: it may or may not have arrived. */
  | { readonly kind: 'lost' };

/** A transaction that was signed and handed over. */
interface Attempt {
  readonly session: Session;
  readonly sent: Sent;
  readonly words: string;
  readonly handover: Handover;
}

interface Order {
  readonly call: ChainCall;
  readonly signer: Signer;
  readonly options: SubmitOptions;
}

/**
 * Signs once, hands over once, and follows to a fate. Before the transaction is handed over, everything that goes
 * wrong is thrown; after that, everything is a fate. A transaction that no chain can take any more, because its runtime
 * was replaced while it was signed or its socket was gone, is made once more with the same nonce: of the two at most
 * one can ever be included.
 */
export function createSubmit(context: SubmitContext): Submit {
  const { link, nonces } = context;

  return async (call, signer, signal, options = {}) => {
    const order = { call, signer, options };
    const made = await nonces.inTurn(signer.address, async () => {
      const session = await link.next(signal);
      await context.guard(moneyOf(call), session, signal);
      // Right before signing, in turn: another order of this account may have moved the price.
      const over = await overPrice(session, context.netuid, call, signal);
      if (over) return over;
      const first = await attemptOn(context, session, order, null, signal);
      const settled = nonces.taken(signer.address, first.sent.nonce);
      const next = await sessionAfter(link, first, signal);
      if (!next) return { attempt: first, settled };
      try {
        await context.guard(moneyOf(call), next, signal);
        return { attempt: await attemptOn(context, next, order, first.sent.nonce, signal), settled };
      } catch (thrown) {
        settled();
        throw thrown;
      }
    });
    if ('kind' in made) return made;
    const { attempt, settled } = made;
    try {
      const fate = await follow(context, attempt, signal);
      context.log(`${attempt.words}: ${fateText(fate)}`);
      return fate;
    } finally {
      settled();
    }
  };
}

/** @param nonce of an attempt before, which this one takes the place of; null for the first */
async function attemptOn(
  context: SubmitContext,
  session: Session,
  order: Order,
  nonce: number | null,
  signal: AbortSignal,
): Promise<Attempt> {
  const { signed, words } = await prepare(context, session, order, nonce, signal);
  const effect = (events: readonly SeenEvent[]) => effectIn(order.call, events);
  return {
    session,
    sent: { ...signed, effectOf: effect },
    words,
    handover: await handOver(session, signed, signal),
  };
}

const versionSchema = v.object({ specVersion: v.number() });

/** The session on which a transaction is made once more; null where it stands, whatever becomes of it. */
async function sessionAfter(
  link: Link,
  { session, handover }: Attempt,
  signal: AbortSignal,
): Promise<Session | null> {
  if (handover.kind === 'unsent') return nextAfter(link, session, signal);
  if (handover.kind !== 'refused' || !/bad signature/i.test(handover.error)) return null;
  try {
    const now = parse(versionSchema, await session.socket.request('state_getRuntimeVersion', [], signal));
    if (now.specVersion === session.specVersion) return null;
  } catch {
    // The node has closed the session meanwhile: it is asked no more, and the next one tells its version.
  }
  session.close();
  const next = await nextAfter(link, session, signal);
  return next && next.specVersion !== session.specVersion ? next : null;
}

async function nextAfter(link: Link, { socket }: Session, signal: AbortSignal): Promise<Session | null> {
  // The link hears of the end in the same turn; before that it would give the dead session again.
  await Promise.race([socket.closed, aborted(signal)]);
  await pause(0, signal);
  return link.next(signal).catch(() => null);
}

/** A call whose events say no more than its success has done what it says. */
function effectIn(call: ChainCall, events: readonly SeenEvent[]): CallEffect | null {
  try {
    const effect = effectOf(call, events);
    return effect === undefined ? { kind: 'done' } : effect;
  } catch {
    // Events of another shape say nothing; that the chain reports success is known all the same.
    return { kind: 'done' };
  }
}

function fateText(fate: TxFate): string {
  switch (fate.kind) {
    case 'finalized':
      return fate.effect ? `in block ${fate.block}` : `in block ${fate.block}, and nothing was done`;
    case 'refused':
      return `refused (${fate.module}.${fate.error})`;
    default:
      return fate.kind;
  }
}

/** The price is read right before signing: `burned_register` itself takes whatever it costs by then. */
async function overPrice(
  session: Session,
  netuid: number,
  call: ChainCall,
  signal: AbortSignal,
): Promise<TxFate | null> {
  if (call.kind !== 'burnedRegister' || hasCall(session, 'SubtensorModule.register_limit')) return null;
  const item = requiredItem(session, 'SubtensorModule', 'Burn');
  const [burn] = await readMany(session, [{ item, args: [netuid] }], null, signal);
  if (parse(anyUint, burn?.toPrimitive()) <= call.limitRao) return null;
  return { kind: 'refused', hash: null, module: 'SubtensorModule', error: 'RegistrationPriceLimitExceeded' };
}

async function prepare(
  { netuid, follower, nonces }: SubmitContext,
  session: Session,
  { call, signer, options }: Order,
  given: number | null,
  signal: AbortSignal,
): Promise<{ readonly signed: Signed; readonly words: string }> {
  const extrinsic = await buildCall(session, netuid, call, signal);
  const { words } = sayCall(session, extrinsic.method.toU8a());
  const headNumber = follower.head?.number ?? 0;
  const anchor = Math.max(follower.finalized?.number ?? 0, headNumber - ANCHOR_LAG_BLOCKS);
  const era = chooseEra(anchor, headNumber, options.lastBlock ?? null);
  if (!era) throw new AppError('CHAIN_TOO_LATE', { lastBlock: options.lastBlock ?? 0, head: headNumber });
  const birthHash: Hex = await blockHash(session, era.birth, signal);
  const nonce = given ?? (await nonces.next(session, signer.address, signal));
  const signed = await signExtrinsic(session, extrinsic, signer, { era, birthHash, nonce }, signal);
  return { signed, words };
}

async function handOver(session: Session, signed: Signed, signal: AbortSignal): Promise<Handover> {
  if (!session.socket.isOpen) return { kind: 'unsent' };
  const finalizedIn = Promise.withResolvers<string | null>();
  const giveUp = () => finalizedIn.resolve(null);
  void session.socket.closed.then(giveUp);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const unwatch = await session.socket.subscribe(EXTRINSIC_UPDATES, [signed.encoded], (status) => {
      const end = endOf(status);
      if (end !== undefined) finalizedIn.resolve(end);
    });
    void finalizedIn.promise.then(() => {
      signal.removeEventListener('abort', giveUp);
      unwatch();
    });
    return { kind: 'taken', finalizedIn: finalizedIn.promise };
  } catch (error) {
    giveUp();
    if (error instanceof NodeError && isVerdict(error.code))
      return { kind: 'refused', error: poolRefusal(error.detail ?? error.message) };
    return { kind: 'lost' };
  }
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

async function follow(
  { link, follower }: SubmitContext,
  { session, sent: signed, handover }: Attempt,
  signal: AbortSignal,
): Promise<TxFate> {
  if (handover.kind === 'refused')
    return { kind: 'refused', hash: signed.hash, module: 'Transaction', error: handover.error };
  if (handover.kind === 'taken') {
    const block = await handover.finalizedIn;
    if (block !== null) {
      const fate = await fateAt(session, signed, block, signal).catch(() => null);
      if (fate) {
        // Whoever reads at the newest final block next must see what this transaction did.
        if (fate.kind === 'finalized') await follower.reached(fate.block, CATCH_UP_LIMIT_MS, signal);
        return fate;
      }
    }
  }
  return lookUp(link, follower, signed, signal);
}
