import type { FoundRunView, JoinQuote, ProfileSummary } from '../../src-shared/contract/page/join.ts';
import { oneLine } from '../../src-shared/one-line.ts';
import type { Dataset } from '../../src-shared/profile/schema.ts';
import { taoText } from '../../src-shared/units.ts';
import { line } from './line.ts';

/** What a terminal says of a run before anybody joins it. Its words are a stranger's: one line each. */

const MINUTE_MS = 60_000;
/** What a person would expect of a run that follows another, and what this version does not do. */
const FOLLOWS =
  'it begins with first weights of its own; who works in that one is told of it, and goes over when they say so';

export function summaryLines({ name, hash, netuid, identity, model, ...run }: ProfileSummary): string[] {
  const { layers, width, context, parameters } = model;
  return [
    line('Run', oneLine(name, 80)),
    line('Its hash', hash),
    line(
      'Subnet',
      `${netuid}, “${oneLine(identity.name, 80)}”, owned by ${identity.ownerColdkey ?? 'anybody'}`,
    ),
    line(
      'Model',
      `${parameters.toLocaleString('en-US')} parameters: ${layers} layers, width ${width}, context ${context}`,
    ),
    line('Text', datasetWords(run.dataset)),
    line('A round', `${run.round.blocks} blocks, about ${minutesText(run.round.ms)}`),
    line(
      'Pays for',
      run.rewards.map(({ label, share }) => `${oneLine(label, 40)} ${Math.round(share * 100)} %`).join(', '),
    ),
    line('Witnesses', String(run.witnesses)),
    ...(run.predecessor
      ? [line('Follows', `${run.predecessor.hash}, after round ${run.predecessor.afterRound}: ${FOLLOWS}`)]
      : []),
  ];
}

export const foundLines = ({ summary, block, store }: FoundRunView): string[] => [
  `The owner of subnet ${summary.netuid} announces this run (as of block ${block}, read from ${store}):`,
  ...summaryLines(summary),
];

export function costLines({ hotkey, uid, registrationCostRao, freeRao }: JoinQuote): string[] {
  return [
    line('Works with the hotkey', hotkey),
    uid === null
      ? line('A place costs now', registrationCostRao === null ? 'not known' : taoText(registrationCostRao))
      : line('Its place', `uid ${uid}, nothing is to be paid`),
    ...(freeRao === null ? [] : [line('Free now', taoText(freeRao))]),
  ];
}

function datasetWords(dataset: Dataset): string {
  switch (dataset.kind) {
    case 'embedded':
      return 'what comes with Butterfly';
    case 'hub':
      return oneLine(
        `${dataset.id}, ${dataset.path || 'all of it'}, at ${dataset.revision.slice(0, 12)}`,
        120,
      );
    case 'files':
      return oneLine(`files of a team, “${dataset.name}”: you need a copy of them`, 120);
  }
}

const minutesText = (ms: number): string =>
  ms < MINUTE_MS ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / MINUTE_MS)} min`;
