import { aborted, pause } from '../../../src-node/waits.ts';
import type { AccountId, MoneyOrder, TransactionState } from '../../../src-shared/contract/page/money.ts';
import type { ReviewTask } from '../../../src-shared/contract/signing.ts';
import { AppError, describeError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import type { MoneyCommand } from '../../commands/table.ts';
import { defaultDataDir } from '../../data-folder.ts';
import type { MoneyDesk } from '../../wallet/desk.ts';
import { type Conversation, terminalConversation } from '../conversation.ts';
import { PASSWORD_TRIES } from '../limits.ts';
import { wantsLog } from '../tell.ts';
import { print, printError } from '../terminal.ts';
import { intentOf } from './intent.ts';
import { openTerminalMoney } from './open-money.ts';
import { jsonLine, quoteLines, reviewLines, stateLine } from './words.ts';

/** Moves money with the person at the terminal. @returns the exit code: 0 once it is done and final */
export async function moneyAtTerminal(asked: MoneyCommand, signal: AbortSignal): Promise<number> {
  const { network, wallet, dataDir, dryRun, json } = asked.said;
  if (!network || !wallet) throw new TypeError('the rules of the command demand these');
  // Before anything is opened: a script is told at once. Lines of JSON go where scripts read, questions to the person.
  const talk = dryRun
    ? null
    : terminalConversation(process.stdin, json ? process.stderr : process.stdout, signal);
  const money = await openTerminalMoney(
    { dataDir: dataDir ?? defaultDataDir(), network, wallet },
    (line) => wantsLog() && printError(line),
    signal,
  );
  try {
    const { desk, wallet: found } = money;
    if (found.coldkey === null) throw new TypeError('it was looked for by its coldkey');
    const account = { network: network.name, coldkey: found.coldkey };
    const order = { account, intent: intentOf(asked, found, money.names) };
    return await moveMoney(desk, order, talk, { say: print, isJson: json }, signal);
  } finally {
    await money.stop();
  }
}

export interface MoneyTelling {
  say(line: string): void;
  /** For scripts: quote, steps and outcome as a line of JSON each. */
  readonly isJson: boolean;
}

/**
 * From quote over consent and password to a known fate.
 * @param talk null: the quote is all that is wanted
 * @returns the exit code
 */
export async function moveMoney(
  desk: MoneyDesk,
  order: MoneyOrder,
  talk: Conversation | null,
  { say, isJson }: MoneyTelling,
  signal: AbortSignal,
): Promise<number> {
  const quote = await desk.quote(order, signal);
  if (isJson) say(jsonLine({ kind: 'quote', ...quote }));
  // Who is asked to agree reads it, too.
  const read = isJson ? talk?.say : say;
  for (const line of quoteLines(quote)) read?.(line);
  if (quote.problem) throw new AppError(quote.problem.code, quote.problem.params);
  if (!talk) return 0;
  const id = await desk.ask(quote.id);
  const steps = watchSteps(desk, order.account, id, (state) =>
    say(isJson ? jsonLine({ kind: 'transaction', id, state }) : stateLine(state)),
  );
  try {
    await agree(desk, id, talk, signal);
    const end = await Promise.race([steps.ended, aborted(signal)]);
    if (!end) talk.say('You leave before its fate is known. The next such command looks it up.');
    return end?.kind === 'done' ? 0 : 1;
  } finally {
    steps.stop();
  }
}

/** Puts the order before the person until it is signed. @throws {AppError} CANCELLED, or as `MoneyDesk.approve` */
async function agree(desk: MoneyDesk, id: string, talk: Conversation, signal: AbortSignal): Promise<void> {
  const task = desk.pending;
  if (task?.id !== id) throw new AppError('QUOTE_EXPIRED');
  talk.say('');
  for (const line of reviewLines(task)) talk.say(line);
  talk.say('');
  try {
    const typed = await consent(task, talk);
    await sign(desk, task, typed, talk, signal);
  } finally {
    // One that was signed is gone already.
    desk.deny(id);
  }
}

/** What has to be typed: the amount, where it is unusual or nothing caps it; else a word that no slip makes. */
async function consent({ typedConsent }: ReviewTask, talk: Conversation): Promise<string | null> {
  const wanted = typedConsent ?? 'yes';
  const typed = (await talk.ask(`Type ${wanted} to agree, anything else to leave it:`)).trim();
  if (typed !== wanted) throw new AppError('CANCELLED');
  return typedConsent;
}

/** A wrong password leaves the order as it is, and asks again. */
async function sign(
  desk: MoneyDesk,
  { id, opens }: ReviewTask,
  typed: string | null,
  talk: Conversation,
  signal: AbortSignal,
): Promise<void> {
  for (let tried = 0; ; ) {
    const password =
      opens === 'password'
        ? await talk.askHidden('Password of the coldkey (nothing is shown while you type):')
        : null;
    try {
      return await desk.approve(id, { password, typed }, signal);
    } catch (thrown) {
      const problem = toCodedError(thrown);
      if (problem.code === 'KEY_PASSWORD_WRONG') tried++;
      else if (problem.code !== 'KEY_PASSWORD_WAIT') throw thrown;
      if (tried === PASSWORD_TRIES) throw thrown;
      const { sentence, action } = describeError(problem);
      talk.say(`${sentence} ${action}`);
      if (problem.code === 'KEY_PASSWORD_WAIT') await pause(Number(problem.params.seconds) * 1_000, signal);
    } finally {
      password?.fill(0);
    }
  }
}

const ENDS: ReadonlySet<TransactionState['kind']> = new Set(['done', 'refused', 'expired']);

/** One whose block is known and can be read no more has ended, too. */
const hasEnded = (state: TransactionState): boolean =>
  ENDS.has(state.kind) || (state.kind === 'unknown' && state.block !== undefined);

/** Tells each step of a transaction once, from its signature on. */
function watchSteps(
  desk: MoneyDesk,
  account: AccountId,
  id: string,
  tell: (state: TransactionState) => void,
): { readonly ended: Promise<TransactionState>; stop(): void } {
  const ended = Promise.withResolvers<TransactionState>();
  let last = '';
  function look(): void {
    const state = desk.transactions(account).find((one) => one.id === id)?.state;
    // How far it was looked for by now is no step.
    const step = state && `${state.kind} ${'block' in state ? state.block : ''}`;
    if (!state || step === last) return;
    last = step ?? '';
    tell(state);
    if (hasEnded(state)) ended.resolve(state);
  }
  return { ended: ended.promise, stop: desk.onTransaction(look) };
}
