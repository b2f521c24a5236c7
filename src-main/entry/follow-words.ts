import { oneLine } from '../../src-shared/one-line.ts';
import { partWords } from '../../src-shared/profile/profile-parts.ts';
import { programCalled } from '../../src-shared/program-name.ts';
import type { RunStatus } from '../shells/control/protocol.ts';
import { line } from './line.ts';

/** What a terminal says of the runs that take over from those of this computer, and how to go over. */
export function followLines(runs: readonly RunStatus[]): string[] {
  if (runs.length === 0) return ['No run is announced that takes over from one of this computer.'];
  return runs.flatMap(({ hotkey, profile, successor }) => {
    if (!successor) return [];
    const { name, hash, afterRound, changes } = successor;
    return [
      `The owner of ${oneLine(profile, 80)} announces a run that takes over from it:`,
      line('Run', oneLine(name, 80)),
      line('Its hash', hash),
      line('Takes over', `after round ${afterRound}`),
      line('Otherwise', changes.map((part) => partWords[part]).join(', ') || 'nothing but its name'),
      line('Your hotkey', `${hotkey}; nothing is paid, the round under way is left`),
      line('Go over with', `${programCalled()} follow --accept ${hash}`),
    ];
  });
}
