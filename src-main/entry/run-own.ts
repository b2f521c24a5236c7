import { isThere } from '../../src-node/is-there.ts';
import { within } from '../../src-node/waits.ts';
import type { WalletSummary } from '../../src-shared/contract/page/money.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { unpinnedParts } from '../../src-shared/profile/pinned.ts';
import { profileHash } from '../../src-shared/profile/profile.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { liveProfile } from '../../src-shared/profile/shipped.ts';
import { shownStoreAddress } from '../../src-shared/stores/store-address.ts';
import type { ProfileArgument } from '../commands/join.ts';
import type { RunOptions } from '../commands/run.ts';
import { checkAct } from '../commands/run-acts.ts';
import { defaultDataDir } from '../data-folder.ts';
import { summaryOf } from '../join/read-profile.ts';
import { terminalConversation } from './conversation.ts';
import { MODEL_CALL_LIMIT_MS } from './limits.ts';
import { withModelProcess } from './model-process.ts';
import { hotkeyOf } from './money/intent.ts';
import { openTerminalMoney } from './money/open-money.ts';
import { announceRun, withdrawRun } from './own-run/announce.ts';
import { createRun } from './own-run/create.ts';
import { type OwnerAtTerminal, openSubnet, orderOfOwner } from './own-run/order.ts';
import { movedPins, pinProfile } from './own-run/pin.ts';
import { createProfileFile, readProfileFile, replaceProfileFile } from './own-run/profile-file.ts';
import { publishProfile } from './own-run/publish.ts';
import { putAtTerminal } from './own-run/put-profile.ts';
import { summaryLines } from './run-words.ts';
import { wantsLog } from './tell.ts';
import { print, printError } from './terminal.ts';

/** Begun from where nothing else is said: the smallest model that ships. */
const DEFAULT_BASE = { kind: 'name', name: 'gpt2-124m' } as const;

/** A step of a run of one's own. @returns the exit code */
export async function ownRunAtTerminal(said: RunOptions, signal: AbortSignal): Promise<number> {
  const act = checkAct(said);
  const file = said.file ?? '';
  switch (act) {
    case 'open':
      return asOwner(
        said,
        (owner, wallet) => openSubnet(owner, hotkeyOf(said.hotkey, wallet), whole(said.limit), signal),
        signal,
      );
    case 'create':
      return create(said, file, signal);
    case 'pin':
      return pin(file, said.textFolder, signal);
    case 'publish':
      return publish(said, file, signal);
    case 'announce': {
      const profile = await readProfileFile(file);
      return asOwner(said, (owner) => announceRun(owner, profile, whole(said.store), signal), signal);
    }
    case 'withdraw':
      return asOwner(said, (owner) => withdrawRun(owner, whole(said.netuid), signal), signal);
    case 'start': {
      const start = { kind: 'start' } as const;
      return asOwner(said, (owner) => orderOfOwner(owner, whole(said.netuid), start, signal), signal);
    }
    case 'show':
      return show(await readProfileFile(file));
  }
}

/** What an act demands was said. */
function whole<T>(value: T | null): T {
  if (value === null) throw new TypeError('the act demands it');
  return value;
}

async function asOwner(
  said: RunOptions,
  work: (owner: OwnerAtTerminal, wallet: WalletSummary) => Promise<boolean>,
  signal: AbortSignal,
): Promise<number> {
  const { network: chosen, wallet: wanted, dataDir, dryRun } = said;
  // Before anything is opened: a script is told at once.
  const talk = dryRun ? null : terminalConversation(process.stdin, process.stdout, signal);
  const at = {
    dataDir: dataDir ?? defaultDataDir(),
    network: whole(chosen),
    wallet: whole(wanted),
  };
  const money = await openTerminalMoney(at, (words) => wantsLog() && printError(words), signal);
  try {
    const { desk, network, wallet } = money;
    const account = { network: at.network.name, coldkey: whole(wallet.coldkey) };
    return (await work({ desk, network, account, talk, say: print }, wallet)) ? 0 : 1;
  } finally {
    await money.stop();
  }
}

async function create(said: RunOptions, file: string, signal: AbortSignal): Promise<number> {
  const { follows, afterRound } = said;
  const before = follows === null ? null : await readProfileFile(follows);
  const base = said.base === null && before ? before : await baseOf(said.base ?? DEFAULT_BASE);
  // Before anything is paid for.
  if (!said.dryRun && (await isThere(file))) throw new AppError('RUN_FILE_EXISTS', { path: file });
  return asOwner(
    said,
    async (owner) => {
      const { name, subnetName, witnesses, bootstrap } = said;
      const made = await createRun(
        owner,
        {
          netuid: whole(said.netuid),
          ...{ base: base.consensus, name, subnetName, witnesses, bootstrap: bootstrap ?? [] },
          predecessor: before && { consensus: before.consensus, afterRound: whole(afterRound) },
        },
        signal,
      );
      if (!made) return false;
      if (said.dryRun) return true;
      await createProfileFile(file, made);
      print(`The draft is in ${file}. Look it over, then pin it: butterfly run pin ${file}`);
      return true;
    },
    signal,
  );
}

const baseOf = (argument: ProfileArgument): Promise<Profile> | Profile =>
  argument.kind === 'name' ? liveProfile(argument.name) : readProfileFile(argument.path);

async function pin(file: string, textFolder: string | null, signal: AbortSignal): Promise<number> {
  const profile = await readProfileFile(file);
  const pinned = await withModelProcess(signal, (client) =>
    within(pinProfile(profile, textFolder, client, signal), 'pinning', MODEL_CALL_LIMIT_MS, signal),
  );
  await replaceProfileFile(file, pinned);
  for (const words of movedPins(profile.consensus, pinned.consensus)) print(words);
  show(pinned);
  const left = unpinnedParts(pinned.consensus);
  if (left.length === 0) return 0;
  throw new AppError('PROFILE_UNPINNED', { name: pinned.consensus.name, parts: left.join(', ') });
}

async function publish(said: RunOptions, file: string, signal: AbortSignal): Promise<number> {
  const store = whole(said.store);
  const hash = await publishProfile(await readProfileFile(file), store, putAtTerminal(said), signal);
  print(
    `${shownStoreAddress(store)} gives the profile ${hash}. Announce it: butterfly run announce ${file} --store … --network … --wallet …`,
  );
  return 0;
}

function show(profile: Profile): number {
  for (const words of summaryLines(summaryOf(profile))) print(words);
  const left = unpinnedParts(profile.consensus);
  print(
    left.length === 0
      ? `  All of it is pinned: ${profileHash(profile.consensus)}`
      : `  Not pinned yet: ${left.join(', ')}`,
  );
  return 0;
}
