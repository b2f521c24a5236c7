import { oneLine } from '../../../src-shared/one-line.ts';
import { programCalled } from '../../../src-shared/program-name.ts';
import { reachabilityWords } from '../../../src-shared/reachability-words.ts';
import { formatAmount } from '../../../src-shared/units.ts';
import { columnsText } from './columns-text.ts';
import type { HostStatus, RunStatus } from './protocol.ts';
import { comingTime } from './status.ts';

const COLUMNS = [
  'RUN',
  'NETWORK',
  'ROLE',
  'STATE',
  'ROUND',
  'COMMITTED',
  'LOSS',
  'HELD OUT',
  'ALPHA TODAY',
] as const;
/** What is not known yet is never written as zero. */
export const UNKNOWN = '-';

/** The status for a person at a terminal. */
export function statusText(status: HostStatus): string {
  const head = `Butterfly ${status.version}, process ${status.pid}, on ${status.dataDir}`;
  if (status.runs.length === 0) return `${head}\nNo run is under way.`;
  const rows = [[...COLUMNS], ...status.runs.map(cells)];
  const lines = columnsText(rows);
  const whys = status.runs.flatMap(({ hotkey, why }) =>
    why === null ? [] : [`${shortHotkey(hotkey)}: ${why}`],
  );
  const aside =
    status.rulesAsideUntilMs === null
      ? []
      : [`The house rules are set aside until ${comingTime(status.rulesAsideUntilMs)}.`];
  const successors = status.runs.flatMap(({ hotkey, successor }) =>
    successor === null
      ? []
      : [
          `${shortHotkey(hotkey)}: the run “${oneLine(successor.name, 80)}” takes over from it. See it with: ${programCalled()} follow`,
        ],
  );
  const reached = status.runs.flatMap(({ hotkey, reachability }) => {
    if (reachability === null) return [];
    const { state, detail, next } = reachabilityWords(reachability);
    return [`${shortHotkey(hotkey)}: ${[`${state}.`, detail, next].filter(Boolean).join(' ')}`];
  });
  const said = [...whys, ...reached, ...successors, ...aside];
  return [head, '', ...lines, ...(said.length > 0 ? ['', ...said] : [])].join('\n');
}

function cells(run: RunStatus): string[] {
  return [
    shortHotkey(run.hotkey),
    run.mark === null || run.mark.toLowerCase() === run.network.toLowerCase()
      ? run.network
      : `${run.network} (${run.mark})`,
    run.role,
    stateOf(run),
    run.round?.toString() ?? UNKNOWN,
    `${run.committed} of ${run.rounds}`,
    run.loss?.toFixed(3) ?? UNKNOWN,
    run.heldOutLoss?.toFixed(3) ?? UNKNOWN,
    run.todayAlphaRao === null ? UNKNOWN : formatAmount(BigInt(run.todayAlphaRao)),
  ];
}

/** Enough of a hotkey to tell one's own apart. */
export const shortHotkey = (hotkey: string): string => `${hotkey.slice(0, 6)}…${hotkey.slice(-4)}`;

const stateOf = ({ state, pausedUntilMs }: RunStatus): string =>
  pausedUntilMs === null ? state : `${state} until ${comingTime(pausedUntilMs)}`;
