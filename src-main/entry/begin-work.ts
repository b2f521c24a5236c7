import { basename } from 'node:path';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { whyNotRunnable } from '../../src-shared/profile/runnable.ts';
import { liveProfile } from '../../src-shared/profile/shipped.ts';
import type { JoinOptions } from '../commands/join.ts';
import { adversaryOf } from '../commands/practice.ts';
import type { Asked } from '../commands/table.ts';
import { defaultDataDir } from '../data-folder.ts';
import type { Host, HostConfig } from '../host.ts';
import { agreeToAnnounced } from './join-announced.ts';
import { joinOrder, namedRun, profileFile } from './join-order.ts';
import { print } from './terminal.ts';

/** The commands behind which a host runs. */
export type HostCommand = Extract<Asked, { name: 'serve' | 'practice' | 'join' | 'open' }>;

/** What runs a host. @throws {AppError} COMMAND_WITHOUT_WINDOW for the others, which belong to a terminal */
export function hostCommand(asked: Asked): HostCommand {
  if (asked.name === 'serve' || asked.name === 'practice') return asked;
  if (asked.name === 'join' || asked.name === 'open') return asked;
  throw new AppError('COMMAND_WITHOUT_WINDOW', { command: asked.name });
}

/** The host that a command asks for, in either shell. @throws {AppError} PROFILE_UNPINNED, PROFILE_UNKNOWN */
export function hostConfig(asked: HostCommand): Pick<HostConfig, 'dataDir' | 'adversary'> {
  if (asked.name === 'serve' || asked.name === 'practice') checkProfile(asked.said.profile);
  return {
    dataDir: asked.said.dataDir ?? defaultDataDir(),
    adversary: asked.name === 'practice' ? adversaryOf(asked.said) : null,
  };
}

/** Begins what was asked for on a host that runs. Resolves once all of it does. */
export async function beginWork(host: Host, asked: HostCommand): Promise<void> {
  if (asked.name === 'practice') await host.practice();
  else if (asked.name === 'join') await joinAsked(host, asked.said);
  else {
    if (asked.name === 'open') await offerFile(host, asked.said.file ?? '');
    await host.goOn();
  }
}

/** Lays a run profile before whoever looks at the page. A file that is none is told there. */
export async function offerFile(host: Pick<Host, 'offer' | 'noteProblem'>, path: string): Promise<void> {
  try {
    host.offer(basename(path), await profileFile(path));
  } catch (refused) {
    host.noteProblem(refused);
  }
}

/** Goes on with what else ran here; the run that is joined is among it where it was joined before. */
async function joinAsked(host: Host, said: JoinOptions): Promise<void> {
  let begun: Promise<unknown>;
  try {
    const agreed = said.profile ? await namedRun(said.profile) : await agreeToAnnounced(host, said, print);
    const id = await host.join(joinOrder(said, agreed));
    begun = host.runs.get(id).begun;
  } catch (refused) {
    // A page shows nothing of it otherwise: no run was begun.
    host.noteProblem(refused);
    begun = Promise.reject(refused);
  }
  // The others go on whatever becomes of it, which is asked for once they are on their way.
  begun.catch(() => undefined);
  await host.goOn();
  await begun;
}

/** These commands know the practice; what is written down beside it needs FineWeb and a GPU engine. */
function checkProfile(profile: string | null): void {
  if (profile === null || profile === 'practice') return;
  const problem = whyNotRunnable(liveProfile(profile));
  if (problem) throw new AppError(problem.code, problem.params);
}
