import type { RunFacts } from '../../src-shared/contract/page/runs.ts';
import type { View } from '../../src-shared/contract/page/sections.ts';
import type { SubnetSubject } from '../../src-shared/contract/page/subnet.ts';
import { runsOf } from './shown-run.ts';

/** A subnet that can be looked at. */
export interface SubnetChoice {
  /** What names it in the page's address. */
  readonly part: string;
  readonly subject: SubnetSubject;
  readonly network: string;
  readonly netuid: number;
  readonly mark: string | null;
  /** Of the run on it; null: it is looked at alone. */
  readonly facts: Omit<RunFacts, 'continuesAtRound'> | null;
  readonly isStopped: boolean;
}

/** Subnets of runs that work, then of those of before. */
export function subnetsOf(view: View): readonly SubnetChoice[] {
  const working = runsOf(view).map(([id, { facts }]) => ({ id, facts, isStopped: false }));
  const stopped = view.stopped
    .filter(({ id }) => !view.runs[id])
    .map(({ id, ...facts }) => ({ id, facts, isStopped: true }));
  return [...working, ...stopped].map(({ id, facts, isStopped }) => ({
    ...{ part: id, subject: { kind: 'run', id }, facts, isStopped },
    ...{ network: facts.network, netuid: facts.netuid, mark: facts.mark },
  }));
}

export const partOfSubnet = (network: string, netuid: number): string =>
  `${encodeURIComponent(network)}:${netuid}`;

/** "finney:38" names a subnet without a run. */
export function subnetIn(view: View, part: string | null): SubnetChoice | null {
  const [, name, digits] = /^([^:]+):(\d{1,5})$/.exec(part ?? '') ?? [];
  if (part === null || name === undefined || digits === undefined || Number(digits) > 65_535) return null;
  const [network, netuid] = [decoded(name), Number(digits)];
  const mark = view.moneyNetworks.find((one) => one.name === network)?.mark ?? null;
  const subject = { kind: 'netuid', network, netuid } as const;
  return { part, subject, network, netuid, mark, facts: null, isStopped: false };
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
