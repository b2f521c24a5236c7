import { pause, within } from '../../src-node/waits.ts';
import { describeError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { Host } from '../host.ts';
import { accountOfBackup, makeLocked } from '../vault/locked/lock.ts';
import { APP_VERSION } from '../version.ts';
import { CARDS_POLL_MS, SELF_TEST_PART_MS } from './limits.ts';

/** A part of an installed app that is tried for real. */
export interface TriedPart {
  readonly name: 'keys' | 'database' | 'cards' | 'page';
  /** @returns what it found, in a few words @throws when it does not work */
  run(signal: AbortSignal): Promise<string>;
}

export interface SelfTestReport {
  readonly version: string;
  readonly platform: string;
  readonly runtime: Readonly<Record<'node' | 'electron' | 'chrome', string | null>>;
  readonly isWell: boolean;
  readonly parts: readonly {
    readonly name: TriedPart['name'];
    readonly isWell: boolean;
    readonly ms: number;
    readonly found: string;
  }[];
}

/** Tries one part after the other; one that fails or hangs does not keep the rest from being tried. */
export async function selfTest(
  tried: readonly TriedPart[],
  { limitMs = SELF_TEST_PART_MS, signal }: { readonly limitMs?: number; readonly signal: AbortSignal },
): Promise<SelfTestReport> {
  const parts: SelfTestReport['parts'][number][] = [];
  for (const { name, run } of tried) {
    const beganMs = performance.now();
    const outcome = await within(run(signal), name, limitMs, signal).then(
      (found) => ({ isWell: true, found }),
      (thrown: unknown) => ({ isWell: false, found: describeFailure(thrown) }),
    );
    parts.push({ name, ...outcome, ms: Math.round(performance.now() - beganMs) });
  }
  const { node, electron = null, chrome = null } = process.versions;
  return {
    version: APP_VERSION,
    platform: `${process.platform}-${process.arch}`,
    runtime: { node, electron, chrome },
    isWell: parts.every((part) => part.isWell),
    parts,
  };
}

/** The code for those who look it up, the sentence for those who read it. */
function describeFailure(thrown: unknown): string {
  const coded = toCodedError(thrown);
  return coded.code === 'INTERNAL' ? String(thrown) : `${coded.code}: ${describeError(coded).sentence}`;
}

/** A development phrase of the field, whose address everybody knows: it guards nothing. */
const KNOWN_PHRASE = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk';
const KNOWN_ADDRESS = '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV';

/** What a host is made of besides its runs: keys under a password, its database, a child that asks the drivers. */
export const hostParts = (host: Pick<Host, 'api'>): readonly TriedPart[] => [
  { name: 'keys', run: tryKeys },
  {
    name: 'database',
    async run() {
      // Read by the store's thread from the ledger that it opened.
      const days = await host.api.worthSeries(1);
      return `the ledger answers, ${days.length} days in it`;
    },
  },
  { name: 'cards', run: (signal) => tryCards(host, signal) },
];

/** This runtime's own cryptography has neither Argon2 nor every cipher that files of wallets want. */
async function tryKeys(signal: AbortSignal): Promise<string> {
  const address = await accountOfBackup(KNOWN_PHRASE, signal);
  if (address !== KNOWN_ADDRESS) throw new Error(`a known phrase gave ${address}`);
  const { coldkey } = await makeLocked(KNOWN_PHRASE, Buffer.from('a password of no wallet'), signal);
  if (coldkey.address !== KNOWN_ADDRESS) throw new Error(`a known phrase was locked as ${coldkey.address}`);
  return `a key was locked in ${coldkey.sealed.length} bytes`;
}

/** A computer without a card is well: what counts is that the child came up and answered. */
async function tryCards({ api }: Pick<Host, 'api'>, signal: AbortSignal): Promise<string> {
  await api.lookForCards('again');
  for (;;) {
    const { cards } = await api.view();
    if (cards && !cards.isLooking) {
      if (cards.problem) throw Object.assign(new Error(cards.problem.code), cards.problem);
      return cards.cards.length === 0 ? 'no card' : cards.cards.map(({ name }) => name).join(', ');
    }
    await pause(CARDS_POLL_MS, signal);
    signal.throwIfAborted();
  }
}
