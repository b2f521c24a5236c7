import type { ProfileSource } from '../../src-shared/contract/page/join.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import type { JoinOptions } from '../commands/join.ts';
import type { Host } from '../host.ts';
import { type Conversation, terminalConversation } from './conversation.ts';
import { costLines, foundLines } from './run-words.ts';

export interface AgreedRun {
  readonly profile: ProfileSource;
  /** Whether a person has seen what it is and said yes to it. */
  readonly isAgreed: boolean;
}

/**
 * The run that is announced on a subnet, shown and agreed to. Whoever named its hash has agreed to it; else a page asks,
 * and without a page the person at the terminal.
 * @throws {AppError} RUN_HASH_OTHER, TERMINAL_NEEDED, CANCELLED, or as `JoinDesk.find`
 */
export async function agreeToAnnounced(
  host: Pick<Host, 'findRun' | 'quoteJoin'>,
  said: JoinOptions,
  say: (line: string) => void,
  talk: () => Conversation = () => terminalConversation(process.stdin, process.stdout, never),
): Promise<AgreedRun> {
  const { network, netuid, store, accept, headless, role, keys } = said;
  if (!network || netuid === null) throw new TypeError('the rules of the command demand these');
  const at = { networkName: network.name, endpoint: network.endpoint };
  const found = await host.findRun(at, netuid, store);
  for (const words of foundLines(found)) say(words);
  const { profile, summary } = found;
  if (accept !== null) {
    demandHash(accept, summary.hash);
    return { profile, isAgreed: true };
  }
  if (!headless) return { profile, isAgreed: false };
  const person = talk();
  const quote = await host.quoteJoin({ ...at, profile, role: role ?? 'miner', keysFolder: keys });
  for (const words of costLines(quote)) say(words);
  if ((await person.ask('Type yes to join this run, anything else to leave it:')).trim() !== 'yes')
    throw new AppError('CANCELLED');
  return { profile, isAgreed: true };
}

/** The terminal ends with the process, which ends with Ctrl+C. */
const never = new AbortController().signal;

/**
 * The beginning of a hash names a run as long as nobody can make two that begin so, the owner who chooses both included:
 * 32 digits and more (128 bits, of which half as many are tried for a pair).
 */
function demandHash(accepted: string, found: Hex): void {
  if (!found.startsWith(accepted)) throw new AppError('RUN_HASH_OTHER', { accepted, found });
}
