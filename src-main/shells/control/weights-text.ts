import type { WeightsHeld } from '../../../src-shared/contract/page/weights-plan.ts';
import type { DisputeChecked, DisputeFinding } from '../../../src-shared/contract/page/why-less.ts';
import { columnsText } from './columns-text.ts';
import type { RunWeights } from './protocol.ts';
import { shortHotkey, UNKNOWN } from './status-text.ts';

const COLUMNS = ['UID', 'HOTKEY', 'WEIGHT', 'SHARE', 'BEFORE'];

/** What validators would set now, for a person at a terminal. */
export const weightsText = (runs: readonly RunWeights[]): string => runs.map(runText).join('\n\n');

function runText({ hotkey, network, plan }: RunWeights): string {
  const { block, held, rows, versionKey, isHidden, lastUpdate, inactiveFrom } = plan;
  const how = isHidden ? 'committed, and opened in a later epoch' : 'set openly';
  return [
    `${shortHotkey(hotkey)} on ${network}, at block ${block}: nothing was sent`,
    held ? heldText(held) : `These would be ${how}, with version key ${versionKey}.`,
    lastUpdate === 0
      ? 'None were set yet.'
      : `The last are of block ${lastUpdate} and count until block ${inactiveFrom}.`,
    ...(rows.length > 0 ? ['', ...columnsText([COLUMNS, ...rows.map(cells)])] : []),
  ].join('\n');
}

const cells = ({ uid, hotkey, weight, share, before }: RunWeights['plan']['rows'][number]): string[] => [
  String(uid),
  shortHotkey(hotkey),
  String(weight),
  shareText(share),
  before === null ? UNKNOWN : shareText(before),
];

const shareText = (share: number): string => `${(100 * share).toFixed(2)} %`;

function heldText({ code, params }: WeightsHeld): string {
  const words: Readonly<Record<WeightsHeld['code'], string>> = {
    'thin-evidence': `None would be set: ${params.checked} miners were checked lately, and ${params.needed} are needed.`,
    'nothing-earned': 'None would be set: nobody has earned anything.',
    'below-minimum': `None would be set: ${params.uids} uids have earned something, and the subnet needs ${params.needed}.`,
    'not-registered': 'None would be set: the hotkey is not registered.',
    'no-permit': 'The chain would not take them: the hotkey has no validator permit.',
    'too-soon': `The chain takes none before block ${params.block}.`,
  };
  return words[code];
}

/** What a check found, for a person at a terminal. */
export function disputeText({ hotkey, writtenAtMs, receipts, findings }: DisputeChecked): string {
  const at = new Date(writtenAtMs).toISOString().slice(0, 16);
  return [
    `Every signature holds. Written by ${hotkey} at ${at}Z, with ${receipts} receipts that both sides signed.`,
    '',
    ...columnsText([['VALIDATOR', 'ROUND', 'SUM', 'RECEIPTS', 'OWN ROWS'], ...findings.map(findingCells)]),
  ].join('\n');
}

const findingCells = ({ validator, round, sum, receipts, kept }: DisputeFinding): string[] => [
  shortHotkey(validator),
  String(round),
  sum,
  receipts,
  kept,
];
