import { TAKE_BACK_WORD } from '../../src-shared/contract/page/updates.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { programCalled } from '../../src-shared/program-name.ts';
import type { MoveOptions } from '../commands/move.ts';
import { defaultDataDir, openDataFolder, readMovedAway, takeBack } from '../data-folder.ts';
import { walletsRoot } from '../host-wallets.ts';
import { moveIn, openMoveFile, readMoveFile } from '../moving/move-in.ts';
import { demandFree, moveOut } from '../moving/move-out.ts';
import { peekSettings } from '../settings/settings-file.ts';
import { behindPassword } from './behind-password.ts';
import { type Conversation, terminalConversation } from './conversation.ts';
import { newPassword } from './new-wallet.ts';
import { demandSettled } from './run-reset.ts';

/** Moves to another computer, or from one to here. @returns the exit code */
export async function moveAtTerminal(said: MoveOptions, signal: AbortSignal): Promise<number> {
  const wanted = [said.export, said.import].some((one) => one !== null) || said.takeBack;
  if (!wanted) throw new AppError('OPTION_MISSING', { command: 'move', option: '--export' });
  const talk = terminalConversation(process.stdin, process.stdout, signal);
  const dataDir = said.dataDir ?? defaultDataDir();
  const folder = await openDataFolder(dataDir);
  try {
    if (said.export !== null)
      await moveAway({ dataDir: folder.path, file: said.export, withColdkeys: said.coldkeys }, talk, signal);
    else if (said.import !== null) await moveHere({ dataDir: folder.path, file: said.import }, talk, signal);
    else await moveBack(folder.path, talk);
  } finally {
    await folder.release();
  }
  return 0;
}

/** @throws {AppError} as `moveOut`; MOVE_ORDERS_OPEN, CANCELLED */
export async function moveAway(
  {
    dataDir,
    file,
    withColdkeys,
  }: { readonly dataDir: string; readonly file: string; readonly withColdkeys: boolean },
  talk: Conversation,
  signal: AbortSignal,
): Promise<void> {
  await demandFree(file);
  await demandSettled(dataDir);
  talk.say(
    'Everything that another computer needs goes into one file. Who has the file and its password has your',
  );
  talk.say('hotkeys. This computer gives them up: one hotkey on two computers spoils the rounds of both.');
  const password = await newPassword(talk, 'Password for the file (nothing is shown while you type):');
  try {
    talk.say('The password becomes a key. That takes some seconds.');
    const hotkeys = await moveOut({ dataDir, file, withColdkeys, password, nowMs: Date.now() }, signal);
    talk.say(
      `It lies in ${file}. Bring it to the other computer, and there: ${programCalled()} move --import FILE`,
    );
    for (const hotkey of hotkeys) talk.say(`This computer no longer works with ${hotkey}.`);
    if (!withColdkeys)
      talk.say('Coldkeys stayed here. Keep their words, or export once more with --coldkeys.');
  } finally {
    password.fill(0);
  }
}

/** @throws {AppError} as `openMoveFile` and `moveIn`; MOVE_ORDERS_OPEN, CANCELLED */
export async function moveHere(
  { dataDir, file }: { readonly dataDir: string; readonly file: string },
  talk: Conversation,
  signal: AbortSignal,
  root?: string,
): Promise<void> {
  const sealed = await readMoveFile(file);
  // A ledger that gives way would take orders out of sight.
  await demandSettled(dataDir);
  const cargo = await behindPassword(
    'Password of the file (nothing is shown):',
    (password) => openMoveFile(file, sealed, password, signal),
    talk,
  );
  const day = new Date(cargo.madeAtMs).toISOString().slice(0, 10);
  talk.say(`It was made on ${day} by Butterfly ${cargo.madeBy}, with ${cargo.hotkeys.length} hotkeys.`);
  talk.say('The computer that it comes from must not work with them any more.');
  const walletsHere = root ?? walletsRoot(await peekSettings(dataDir));
  const given = await moveIn(cargo, { dataDir, walletsRoot: walletsHere }, async ({ path }) => {
    talk.say(`There is another ${path} here.`);
    return (
      await talk.ask('Type “theirs” to take the one that comes (yours is renamed), or Enter to keep yours:')
    )
      .trim()
      .toLowerCase() === 'theirs'
      ? 'aside'
      : 'keep';
  });
  for (const hotkey of given)
    talk.say(`This computer gave ${hotkey} up when that file was made, or later, and does not work with it.`);
  if (given.length > 0) talk.say(`If no other computer does: ${programCalled()} move --take-back`);
  talk.say('It is in place. Start Butterfly: your runs are there, and the model is fetched from the others.');
}

/** @throws {AppError} CANCELLED, or as `takeBack` */
export async function moveBack(dataDir: string, talk: Conversation): Promise<void> {
  const moved = await readMovedAway(dataDir);
  if (!moved) return talk.say('Nothing was moved away from here.');
  for (const hotkey of moved.hotkeys) talk.say(hotkey);
  talk.say(
    'If another computer works with one of these, now or later, both speak for it: peers drop the older one,',
  );
  talk.say('rounds are lost, and a validator that says two things loses what it is trusted with.');
  const typed = await talk.ask(`Type “${TAKE_BACK_WORD}” if none of them works elsewhere:`);
  if (typed.trim().toLowerCase() !== TAKE_BACK_WORD) throw new AppError('CANCELLED');
  await takeBack(dataDir, moved.hotkeys);
  talk.say('They work here again.');
}
