import type { FileChoice, HostApi } from '../../src-shared/contract/page/api.ts';
import type { Ask } from './signing-door.ts';

/**
 * The file or folder that a person chooses in the system's window, however long they take.
 * @param ask as the page asks its host: a call of it has a limit
 * @param choose the call that opens the window, or waits for the one of that asking
 * @returns null where they chose none
 */
export async function chosenFile(
  ask: Ask,
  choose: (api: HostApi, asking: string) => Promise<FileChoice>,
): ReturnType<typeof ask<string | null>> {
  const asking = crypto.randomUUID();
  for (;;) {
    const answer = await ask((api: HostApi) => choose(api, asking));
    if ('error' in answer) return answer;
    const choice = answer.value;
    if (choice.kind !== 'open') return { value: choice.kind === 'chosen' ? choice.path : null };
  }
}
