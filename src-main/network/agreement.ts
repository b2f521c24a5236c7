import * as v from 'valibot';
import { pause } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Hex, hex } from '../../src-shared/units.ts';
import type { Follower } from './follow.ts';
import { headerSchema } from './header.ts';
import { COMPARE_AGAIN_MS, COMPARE_EVERY_MS, DISPUTE_SILENT_MS } from './limits.ts';
import type { Link } from './link.ts';
import { type NodeSocket, openNodeSocket } from './node-socket.ts';
import { hexText, parse } from './storage.ts';

/** Two endpoints of one network that call another block final at one height. */
export interface Dispute {
  readonly block: number;
  readonly endpoints: readonly [string, string];
}

export interface AgreementOptions {
  readonly link: Pick<Link, 'endpoint' | 'endpoints' | 'genesisHash'>;
  readonly follower: Pick<Follower, 'finalized'>;
  /** The host believes neither from now on, or both again. */
  hold(fault: AppError | null): void;
  readonly signal: AbortSignal;
}

/**
 * Asks another endpoint now and then for the hash of a block that is final, over a socket of that purpose. Where two
 * disagree, one of them is on a fork or lies, and nothing says which: the host waits until they agree again.
 * @returns when the signal aborts
 */
export async function watchAgreement(options: AgreementOptions): Promise<void> {
  const { link, hold, signal } = options;
  let turn = 0;
  while (!signal.aborted) {
    const others = link.endpoints.others(link.endpoint);
    const other = others[turn++ % others.length];
    const dispute = other === undefined ? null : await compare(options, other);
    if (dispute) {
      const [endpoint, second] = dispute.endpoints;
      hold(new AppError('CHAIN_ENDPOINTS_DISAGREE', { endpoint, other: second, block: dispute.block }));
      await settled(dispute, signal);
      hold(null);
    }
    await pause(COMPARE_EVERY_MS, signal);
  }
}

/** The endpoint that is followed against another, at the newest block that both call final. */
async function compare(options: AgreementOptions, other: string): Promise<Dispute | null> {
  const { link, follower, signal } = options;
  const { endpoint, endpoints, genesisHash } = link;
  const { finalized } = follower;
  if (!finalized) return null;
  try {
    return await over(other, signal, async (socket) => {
      const askedAtMs = performance.now();
      const genesis = await hashAt(socket, 0, signal);
      const latencyMs = performance.now() - askedAtMs;
      if (genesis !== genesisHash) {
        endpoints.leaveAside(other, genesis, genesisHash);
        return null;
      }
      const block = Math.min(finalized.number, await finalBlock(socket, signal));
      const theirs = await hashAt(socket, block, signal);
      endpoints.well(other, latencyMs);
      const isNewest = block === finalized.number;
      const ours = isNewest ? finalized.hash : await hashOrNull(endpoint, block, signal);
      return ours === null || theirs === ours ? null : { block, endpoints: [endpoint, other] };
    });
  } catch (thrown) {
    // No answer is no word against anybody.
    if (!signal.aborted) endpoints.failed(other, thrown, 0);
    return null;
  }
}

/**
 * Resolves when both have named the same hash for the block, when one of them has said nothing for DISPUTE_SILENT_MS
 * (who is gone keeps nobody), or on abort.
 */
async function settled({ block, endpoints }: Dispute, signal: AbortSignal): Promise<void> {
  const spokeMs = endpoints.map(() => performance.now());
  while (!signal.aborted) {
    await pause(COMPARE_AGAIN_MS, signal);
    const hashes = await Promise.all(endpoints.map((each) => hashOrNull(each, block, signal)));
    const [one, other] = hashes;
    if (one && one === other) return;
    for (const [at, hash] of hashes.entries()) if (hash) spokeMs[at] = performance.now();
    if (spokeMs.some((atMs) => performance.now() - atMs >= DISPUTE_SILENT_MS)) return;
  }
}

async function over<T>(
  endpoint: string,
  signal: AbortSignal,
  work: (socket: NodeSocket) => Promise<T>,
): Promise<T> {
  const socket = await openNodeSocket(endpoint, signal);
  try {
    return await work(socket);
  } finally {
    socket.close();
  }
}

/** @returns null where the endpoint does not say */
const hashOrNull = (endpoint: string, block: number, signal: AbortSignal): Promise<Hex | null> =>
  over(endpoint, signal, (socket) => hashAt(socket, block, signal)).catch(() => null);

async function finalBlock(socket: NodeSocket, signal: AbortSignal): Promise<number> {
  const hash = parse(hexText, await socket.request('chain_getFinalizedHead', [], signal));
  return parse(headerSchema, await socket.request('chain_getHeader', [hash], signal)).number;
}

const blockHashText = v.pipe(hexText, v.length(66));

async function hashAt(socket: NodeSocket, block: number, signal: AbortSignal): Promise<Hex> {
  return hex(parse(blockHashText, await socket.request('chain_getBlockHash', [block], signal)).slice(2));
}
