import { reachOf } from '../kinds/reach.ts';
import { tcpHost } from '../kinds/tcp.ts';

/** What one member found when it was asked to dial us back. */
export interface DialledBack {
  /** Where it sees us: the host counts, the port is that of the connection. */
  readonly seen: string;
  /** Our addresses at which it reached us, with our own key. */
  readonly reached: readonly string[];
}

export interface Verdict {
  /** `unknown`: nobody who sees us from outside has answered. */
  readonly state: 'unknown' | 'public' | 'private';
  readonly addresses: readonly string[];
  readonly asked: number;
  readonly reached: number;
}

/** Whether others reach us from outside, as more than half of those say who see us from there. */
export function verdictOf(answers: readonly DialledBack[]): Verdict {
  const outside = answers.filter(({ seen }) => reachOf(tcpHost(seen) ?? '') === 'world');
  const reached = outside.filter((answer) => answer.reached.length > 0);
  const votes = new Map<string, number>();
  for (const address of reached.flatMap((answer) => [...new Set(answer.reached)]))
    votes.set(address, (votes.get(address) ?? 0) + 1);
  const isPublic = 2 * reached.length > outside.length;
  const addresses = isPublic ? [...votes.keys()].filter((a) => 2 * votes.get(a)! > outside.length) : [];
  const counted = { asked: outside.length, reached: reached.length };
  if (outside.length === 0) return { state: 'unknown', addresses: [], ...counted };
  return { state: addresses.length > 0 ? 'public' : 'private', addresses, ...counted };
}
