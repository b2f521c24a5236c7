import * as v from 'valibot';
import { aborted, pause } from '../../src-node/waits.ts';
import type { Money } from '../../src-shared/chain/calls.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import { buildCall, effectOf, moneyOf, sayCall } from './calls/calls.ts';
import { type Extrinsic, hasCall } from './calls/extrinsic.ts';
import type { CallEffect, ChainCall, Signer, SubmitOptions, SubmitStage, TxFate } from './chain.ts';
import { chooseEra } from './era.ts';
import { fateAt, lookUp, type Sent } from './fate.ts';
import { blockHash, type Follower } from './follow.ts';
import { type Handover, handOver } from './hand-over.ts';
import { ANCHOR_LAG_BLOCKS, CATCH_UP_LIMIT_MS } from './limits.ts';
import type { Link } from './link.ts';
import type { Nonces } from './nonces.ts';
import type { SeenEvent } from './reads/events.ts';
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
  readonly guard: (
    order: { readonly money: Money; readonly signer: Signer },
    session: Session,
    signal: AbortSignal,
  ) => Promise<void>;
}

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
      await context.guard({ money: moneyOf(call), signer }, session, signal);
      // Right before signing, in turn: another order of this account may have moved the price.
      const over = await overPrice(session, context.netuid, call, signal);
      if (over) return over;
      const first = await attemptOn(context, session, order, null, signal);
      const settled = nonces.taken(signer.address, first.sent.nonce);
      const next = await sessionAfter(link, first, signal);
      if (!next) return { attempt: first, settled };
      try {
        await options.told?.({ kind: 'unsent' });
        await context.guard({ money: moneyOf(call), signer }, next, signal);
        return { attempt: await attemptOn(context, next, order, first.sent.nonce, signal), settled };
      } catch (thrown) {
        settled();
        throw thrown;
      }
    });
    if ('kind' in made) return made;
    const { attempt, settled } = made;
    try {
      const fate = await follow(context, attempt, tellerOf(options), signal);
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
  const { options } = order;
  const { encoded, hash, era } = signed;
  // On disk before any node has it: whoever dies now finds its fate later.
  await options.told?.({ kind: 'signed', encoded, hash, birthBlock: era.birth, lastBlock: era.last });
  // The last moment at which a no still keeps it from everybody.
  if (signal.aborted) throw new AppError('CANCELLED');
  const effect = (events: readonly SeenEvent[]) => effectIn(order.call, events);
  return {
    session,
    sent: { ...signed, effectOf: effect },
    words,
    handover: await handOver(session, signed, tellerOf(options), signal),
  };
}

/** What is told once a node may have it changes nothing any more: a failure to hear it stops no transaction. */
const tellerOf =
  ({ told }: SubmitOptions) =>
  (stage: SubmitStage): void =>
    void Promise.resolve(told?.(stage)).catch(() => undefined);

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
export function effectIn(call: ChainCall, events: readonly SeenEvent[]): CallEffect | null {
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
  return {
    ...{ kind: 'refused', hash: null, block: null, module: 'SubtensorModule' },
    error: 'RegistrationPriceLimitExceeded',
  };
}

/** @throws {AppError} REVIEW_OUTDATED where what would be signed is not what was agreed to, to the last byte */
function demandAgreed({ specVersion }: Session, { method }: Extrinsic, { agreed }: SubmitOptions): void {
  if (!agreed) return;
  if (agreed.specVersion !== specVersion || !Buffer.from(agreed.bytes).equals(method.toU8a()))
    throw new AppError('REVIEW_OUTDATED');
}

async function prepare(
  { netuid, follower, nonces }: SubmitContext,
  session: Session,
  { call, signer, options }: Order,
  given: number | null,
  signal: AbortSignal,
): Promise<{ readonly signed: Signed; readonly words: string }> {
  const extrinsic = await buildCall(session, netuid, call, signal);
  demandAgreed(session, extrinsic, options);
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

async function follow(
  { link, follower }: SubmitContext,
  { session, sent: signed, handover }: Attempt,
  told: (stage: SubmitStage) => void,
  signal: AbortSignal,
): Promise<TxFate> {
  if (handover.kind === 'refused')
    return { kind: 'refused', hash: signed.hash, block: null, module: 'Transaction', error: handover.error };
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
  return lookUp(link, follower, signed, signal, (searchedToBlock) => told({ kind: 'lost', searchedToBlock }));
}
