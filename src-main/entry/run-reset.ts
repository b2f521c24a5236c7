import { join } from 'node:path';
import { RESET_WORD } from '../../src-shared/contract/page/updates.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { ResetOptions } from '../commands/reset.ts';
import { defaultDataDir, openDataFolder, resetFolder } from '../data-folder.ts';
import { openOrdersIn } from '../store/read-ledger.ts';
import { TERMINAL_FOLDER } from '../store/terminal-folder.ts';
import { type Conversation, terminalConversation } from './conversation.ts';

/** Begins anew. @returns the exit code */
export async function resetAtTerminal(said: ResetOptions, signal: AbortSignal): Promise<number> {
  const talk = terminalConversation(process.stdin, process.stdout, signal);
  const folder = await openDataFolder(said.dataDir ?? defaultDataDir());
  try {
    await resetWith(folder.path, talk);
  } finally {
    await folder.release();
  }
  return 0;
}

/** @throws {AppError} RESET_NOT_TYPED, MOVE_ORDERS_OPEN, or of the disk */
export async function resetWith(dataDir: string, talk: Conversation): Promise<void> {
  await demandSettled(dataDir);
  talk.say(`Runs, models, settings and history in ${dataDir} are moved aside, into a folder below it.`);
  talk.say('Wallets and keys stay where they are, and nothing is deleted.');
  const typed = await talk.ask(`Type “${RESET_WORD}” to begin anew:`);
  if (typed.trim().toLowerCase() !== RESET_WORD) throw new AppError('RESET_NOT_TYPED');
  const aside = await resetFolder(dataDir);
  talk.say(
    aside ? `It lies in ${aside}. Delete that folder when you do not need it.` : 'There was nothing to move.',
  );
}

/** What was signed must stay in sight until its fate is known. @throws {AppError} MOVE_ORDERS_OPEN, or of the disk */
export async function demandSettled(dataDir: string): Promise<void> {
  const count = openOrdersIn(dataDir) + openOrdersIn(join(dataDir, TERMINAL_FOLDER));
  if (count > 0) throw new AppError('MOVE_ORDERS_OPEN', { count });
}
