import { nameInList } from '../../src-shared/cards/adapter.ts';
import type { FoundCard } from '../../src-shared/contract/page/card.ts';
import type { AddedEngineView } from '../../src-shared/contract/page/engines.ts';
import type { TrainingView } from '../../src-shared/contract/page/runs.ts';
import { describeError } from '../../src-shared/errors/app-error.ts';
import type { SettingValues } from '../../src-shared/settings.ts';
import { formatBytes, formatCount, formatPercent } from '../i18n/format.ts';
import { plural, t } from '../i18n/t.ts';

/** Where a thing that may train stands. `chosen`: from the next start of a run. */
export type Standing = 'in-use' | 'chosen' | 'free' | 'cannot';

export interface CardRow {
  /** The key of a card, or the name of an engine. */
  readonly id: string;
  readonly name: string;
  readonly facts: string;
  /** What a person should know before it is used; null where there is nothing. */
  readonly before: string | null;
  /** Why it cannot be used, and what to do; null where it can. */
  readonly problem: { readonly sentence: string; readonly action: string } | null;
  readonly standing: Standing;
  readonly isChosen: boolean;
}

const backendNames = { vulkan: 'Vulkan', d3d12: 'Direct3D 12', metal: 'Metal' } as const;

/** What a card is and can do, in one line. */
export function cardFacts({ backend, kind, memoryBytes, facts }: FoundCard): string {
  return [
    backendNames[backend],
    facts?.driver,
    memoryBytes === null ? null : formatBytes(memoryBytes),
    kind === 'integrated' ? t('card.found.shared') : null,
    facts && t(facts.f16 ? 'card.found.f16' : 'card.found.f32'),
    facts?.subgroupMatrix ? t('card.found.matrix') : null,
    facts && t('card.found.buffer', { bytes: formatBytes(facts.bufferBytes) }),
  ]
    .filter(Boolean)
    .join(' · ');
}

const standing = (isChosen: boolean, isInUse: boolean, cannot: boolean): Standing => {
  if (isInUse) return 'in-use';
  if (cannot) return 'cannot';
  return isChosen ? 'chosen' : 'free';
};

/** The card that the settings mean: by its key, or the one that drivers offer first. */
export function isCardChosen(key: string, settings: SettingValues, cards: readonly FoundCard[]): boolean {
  if (settings['training.engine'] !== 'gpu') return false;
  const device = settings['training.device'];
  // Which one is offered first is known where there is one alone.
  return device === '' ? cards.filter(({ problem }) => !problem)[0]?.key === key : device === key;
}

/** Every card that was found, then the processor. Pure. */
export function cardRows(
  cards: readonly FoundCard[],
  settings: SettingValues,
  training: TrainingView | null,
  inUse: FoundCard | null,
): readonly CardRow[] {
  return cards.map((card) => {
    const isChosen = isCardChosen(card.key, settings, cards);
    return {
      id: card.key,
      name: nameInList(card),
      facts: cardFacts(card),
      before: null,
      problem: card.problem && describeError(card.problem),
      standing: standing(
        isChosen,
        training?.computes === 'gpu' && inUse?.key === card.key,
        card.problem !== null,
      ),
      isChosen,
    };
  });
}

export function processorRow(settings: SettingValues, training: TrainingView | null): CardRow {
  const threads = settings['training.threads'];
  const isChosen = settings['training.engine'] === 'cpu';
  const count =
    threads === 0 ? t('card.found.threadsAuto') : plural('card.found.threads', threads, formatCount(threads));
  return {
    id: 'cpu',
    name: t('card.found.processor'),
    facts: [count, t('card.found.always')].join(' · '),
    before: null,
    problem: null,
    standing: standing(isChosen, training?.computes === 'cpu', false),
    isChosen,
  };
}

export function tensorFlowRow(
  engine: AddedEngineView | null,
  settings: SettingValues,
  training: TrainingView | null,
): CardRow {
  const isChosen = settings['training.engine'] === 'tensorflow';
  const state = engine?.state ?? { kind: 'absent' as const };
  return {
    id: 'tensorflow',
    name: t('card.tensorflow'),
    facts: tensorFlowFacts(state),
    before: state.kind === 'absent' ? t('card.tensorflow.before') : null,
    problem: engine?.problem ? describeError(engine.problem) : null,
    standing: standing(isChosen, training?.computes === 'tensorflow', state.kind !== 'there'),
    isChosen,
  };
}

function tensorFlowFacts(state: AddedEngineView['state']): string {
  switch (state.kind) {
    case 'there':
      return `${state.description} · ${formatBytes(state.bytes)}`;
    case 'adding': {
      const stage = t(`card.tensorflow.${state.stage}`);
      return state.share === null ? stage : `${stage} · ${formatPercent(state.share)}`;
    }
    case 'removing':
      return t('card.tensorflow.removing');
    default:
      return t('card.tensorflow.absent');
  }
}
