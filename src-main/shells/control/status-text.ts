import { formatAmount } from '../../../src-shared/units.ts';
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
const UNKNOWN = '-';

/** The status for a person at a terminal. */
export function statusText(status: HostStatus): string {
  const head = `Butterfly ${status.version}, process ${status.pid}, on ${status.dataDir}`;
  if (status.runs.length === 0) return `${head}\nNo run is under way.`;
  const rows = [[...COLUMNS], ...status.runs.map(cells)];
  const widths = COLUMNS.map((_title, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const whys = status.runs.flatMap(({ hotkey, why }) =>
    why === null ? [] : [`${shortAddress(hotkey)}: ${why}`],
  );
  const aside =
    status.rulesAsideUntilMs === null
      ? []
      : [`The house rules are set aside until ${comingTime(status.rulesAsideUntilMs)}.`];
  const said = [...whys, ...aside];
  return [head, '', ...lines, ...(said.length > 0 ? ['', ...said] : [])].join('\n');
}

function cells(run: RunStatus): string[] {
  return [
    shortAddress(run.hotkey),
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

const shortAddress = (hotkey: string): string => `${hotkey.slice(0, 6)}…${hotkey.slice(-4)}`;

const stateOf = ({ state, pausedUntilMs }: RunStatus): string =>
  pausedUntilMs === null ? state : `${state} until ${comingTime(pausedUntilMs)}`;
