import type { HostApi } from '../../src-shared/contract/page/api.ts';
import type { MoveOrder } from '../../src-shared/contract/signing.ts';
import type { Ask } from './signing-door.ts';

/**
 * The file that a person chooses in the system's window, however long they take.
 * @param ask as the page asks its host: a call of it has a limit
 * @returns null where they chose none
 */
export async function chosenFile(ask: Ask, kind: MoveOrder['kind']): ReturnType<typeof ask<string | null>> {
  const asking = crypto.randomUUID();
  for (;;) {
    const answer = await ask((api: HostApi) => api.chooseMoveFile(kind, asking));
    if ('error' in answer) return answer;
    const choice = answer.value;
    if (choice.kind !== 'open') return { value: choice.kind === 'chosen' ? choice.path : null };
  }
}
