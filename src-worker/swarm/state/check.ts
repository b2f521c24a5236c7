import { randomInt } from 'node:crypto';
import { awakeNow } from '../../../src-node/awake-clock.ts';
import { sha256 } from '../../../src-node/sha256.ts';
import { orAbort } from '../../../src-node/waits.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { toBytes } from '../net/json.ts';
import type { Network } from '../net/link.ts';
import { askAgain } from './ask-again.ts';
import type { StateDonor } from './donate.ts';
import { PIECE_LIMIT_MS } from './limits.ts';
import type { Patience } from './patience.ts';
import type { StateQuestion } from './protocol.ts';

/** What came of asking a member for a piece of a state that it should stand on. */
export interface CheckedState {
  /** held: it gave the piece. silent: it gave none. foreign: it gave something else. */
  readonly outcome: 'held' | 'silent' | 'foreign';
  /** Bytes that came, whatever came of them. */
  readonly bytes: number;
}

interface StateCheckParts {
  readonly network: Network;
  readonly donor: StateDonor;
  readonly patience: Pick<Patience, 'behindMs'>;
}

/**
 * Asks a member for one piece of a state, drawn here and now, and holds it against the own copy: who has the whole state
 * has that piece, and who keeps half of it is caught half of the times.
 * @throws {AppError} NOT_NOW where the state is not held here, CANCELLED; the signal's reason
 */
export async function checkState(
  { network, donor, patience }: StateCheckParts,
  { baseDigest, hotkey }: { readonly baseDigest: Hex; readonly hotkey: Ss58 },
  signal: AbortSignal,
): Promise<CheckedState> {
  // Of gigabytes the digests take their time, and go on for whoever asks next.
  const own = await orAbort(donor.piecesOf(baseDigest), signal);
  if (!own) throw new AppError('NOT_NOW', { what: 'Asking for a state', state: 'without that state' });
  const piece = randomInt(own.length);
  const { bytes: sizeBytes, digest } = own[piece]!;
  const question: StateQuestion = { kind: 'piece', baseDigest, piece };
  const given = await askAgain(network, { hotkey, protocol: 'state' }, toBytes(question), {
    ...{ sizeBytes, limitMs: PIECE_LIMIT_MS, untilMs: awakeNow() + patience.behindMs, signal },
  });
  if (!given) return { outcome: 'silent', bytes: 0 };
  const isRight = Buffer.compare(sha256(given), digest) === 0;
  return { outcome: isRight ? 'held' : 'foreign', bytes: given.length };
}
