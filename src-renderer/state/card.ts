import { isSameName } from '../../src-shared/cards/adapter.ts';
import { areAlike, sensorsOf } from '../../src-shared/cards/sensors.ts';
import { type Footprint, isShort } from '../../src-shared/contract/footprint.ts';
import { type MemoryPlan, planBytes } from '../../src-shared/contract/memory-plan.ts';
import type { CardSensors, FoundCard } from '../../src-shared/contract/page/card.ts';
import type { TrainingView } from '../../src-shared/contract/page/runs.ts';
import type { RunView, View } from '../../src-shared/contract/page/sections.ts';
import { formatBytes, formatCount, formatDecimal } from '../i18n/format.ts';
import { plural, t } from '../i18n/t.ts';
import { stateWord } from './answers.ts';

/** The name of the card that computes; null where none does. */
const deviceOf = (training: TrainingView | null): string | null =>
  training?.computes === 'gpu' ? (training.plan?.device ?? null) : null;

/** The card that a run computes on, among those found; null where it is none of them. */
export function cardInUse(cards: readonly FoundCard[], training: TrainingView | null): FoundCard | null {
  const device = deviceOf(training);
  if (device === null) return null;
  const backend = training?.backend ?? null;
  return (
    cards.find((one) => isSameName(one.name, device) && (backend === null || one.backend === backend)) ?? null
  );
}

/** As sensors know the card that computes; null where none does. */
function namedInUse(view: View, training: TrainingView | null): { name: string; vendor: string } | null {
  const device = deviceOf(training);
  if (device === null) return null;
  const found = cardInUse(view.cards?.cards ?? [], training);
  return { name: found?.name ?? device, vendor: found?.facts?.vendor ?? '' };
}

/** The sensors of the card that computes; null where it has none, or nothing is measured now. */
export function sensorsInUse(view: View, training: TrainingView | null): CardSensors | null {
  const named = namedInUse(view, training);
  return named && view.machine && sensorsOf(named, view.machine.cards);
}

/** A figure at a glance, or why there is none. */
export type Figure = { readonly text: string } | { readonly unknown: string };

export interface NowFigures {
  readonly rate: Figure;
  readonly heat: Figure;
  readonly power: Figure;
  readonly energy: Figure;
}

/** What is so at this moment of a run and of what computes it. Pure. */
export function nowFigures(view: View, run: RunView): NowFigures {
  const { training, worker, activity } = run;
  const rate = training?.tokensPerSecond ?? null;
  const isStepping = worker.kind === 'training' && activity?.kind === 'training';
  const noSteps = { unknown: t('card.now.noSteps', { state: stateWord(run) }) };
  return {
    rate: isStepping && rate !== null ? { text: rateText(rate) } : noSteps,
    ...(training?.computes === 'gpu' ? ofCard(view, run, training) : ofProcessor(view, run)),
  };
}

/** Nothing is measured while a run is kept from working; else, what is not there has no sensor. */
const isMeasured = ({ machine }: View, { worker }: RunView): boolean =>
  machine !== null || ['training', 'averaging', 'degraded'].includes(worker.kind);

function ofCard(view: View, run: RunView, training: TrainingView): Omit<NowFigures, 'rate'> {
  const sensors = sensorsInUse(view, training);
  const named = namedInUse(view, training);
  const isAlike = named !== null && areAlike(named, view.machine?.cards ?? []);
  const noneOfIts = t(isAlike ? 'card.now.alike' : 'card.now.noSensor');
  const unmeasured = isMeasured(view, run) ? noneOfIts : t('card.now.paused');
  return {
    heat: figure(sensors?.celsius ?? null, celsiusText, unmeasured),
    power: figure(sensors?.watts ?? null, wattsText, unmeasured),
    energy: figure(
      // It is measured of all cards together.
      sensors && sensors.watts !== null ? (view.machine?.gpuWhPerMtoken ?? null) : null,
      wattHoursText,
      sensors && sensors.watts !== null ? t('card.now.notYet') : unmeasured,
    ),
  };
}

function ofProcessor(view: View, run: RunView): Omit<NowFigures, 'rate'> {
  const { machine } = view;
  const watts = machine?.cpuWatts ?? null;
  const unmeasured = t(isMeasured(view, run) ? 'card.now.noProcessorPower' : 'card.now.paused');
  return {
    heat: { unknown: t('card.now.noProcessorHeat') },
    power: figure(watts, wattsText, unmeasured),
    energy: figure(
      machine?.cpuWhPerMtoken ?? null,
      wattHoursText,
      watts === null ? unmeasured : t('card.now.notYet'),
    ),
  };
}

const figure = (value: number | null, text: (value: number) => string, unknown: string): Figure =>
  value === null ? { unknown } : { text: text(value) };

/** "14.9 k" from ten thousand on: more digits would only flicker. */
export const rateText = (perSecond: number): string =>
  perSecond < 10_000
    ? formatCount(perSecond)
    : t('card.now.thousand', { n: formatDecimal(perSecond / 1_000, 1) });
const celsiusText = (celsius: number): string => t('card.now.celsius', { n: formatCount(celsius) });
export const wattsText = (watts: number): string => t('card.now.watts', { n: formatCount(watts) });
const wattHoursText = (wattHours: number): string =>
  t('card.now.wattHours', {
    n: wattHours < 100 ? formatDecimal(wattHours, 1) : formatCount(wattHours),
  });

export const memoryUses = ['model', 'optimizer', 'activations', 'scratch', 'left'] as const;

export interface MemoryPart {
  readonly use: (typeof memoryUses)[number];
  readonly bytes: number;
  /** Of the whole bar, 0 to 1. */
  readonly share: number;
}

/**
 * A plan as parts of a bar, over all the memory of a card where that is known.
 * @param memoryBytes null: not known, and the bar is what the plan takes
 */
export function memoryParts(plan: MemoryPlan, memoryBytes: number | null): readonly MemoryPart[] {
  const { weights, gradient, optimizer, activations, scratch } = plan.bytes;
  const used = planBytes(plan);
  const left = memoryBytes === null ? 0 : Math.max(0, memoryBytes - used);
  const all = used + left;
  const parts = { model: weights + gradient, optimizer, activations, scratch, left };
  return memoryUses
    .filter((use) => parts[use] > 0)
    .map((use) => ({ use, bytes: parts[use], share: all === 0 ? 0 : parts[use] / all }));
}

/** "8 sequences of 1,024, 2 at a time" */
export function microBatchText({ microBatch, context, plan }: TrainingView): string {
  const sequences = plural('card.memory.sequences', microBatch, formatCount(microBatch));
  const of = { sequences, context: formatCount(context) };
  const pass = plan?.passSequences ?? microBatch;
  return pass < microBatch
    ? t('card.memory.passes', { ...of, pass: formatCount(pass) })
    : t('card.memory.whole', of);
}

/** What a run takes of the computer, as a line, and what to do where there is less; null where there is enough. */
export interface FootprintRow {
  readonly text: string;
  readonly short: string | null;
}

/** Memory of the computer and room on its disk, as far as anybody can tell. Pure. */
export function footprintRows({ footprint: { ram, disk }, plan }: TrainingView): {
  readonly ram: FootprintRow;
  readonly disk: FootprintRow;
  /** What of the memory is there for the card's sake; null where nothing is. */
  readonly waiting: string | null;
} {
  const waitingBytes = plan?.waitingBytes ?? 0;
  const line = (of: Footprint['ram'], most: 'card.memory.most' | 'card.memory.diskMost') => {
    const bytes = formatBytes(of.bytes);
    return of.freeBytes === null
      ? t(most, { bytes })
      : t(`${most}Of`, { bytes, free: formatBytes(of.freeBytes) });
  };
  return {
    ram: { text: line(ram, 'card.memory.most'), short: isShort(ram) ? t('card.memory.ramShort') : null },
    disk: {
      text: line(disk, 'card.memory.diskMost'),
      short: isShort(disk) ? t('card.memory.diskShort') : null,
    },
    waiting: waitingBytes === 0 ? null : t('card.memory.waiting', { bytes: formatBytes(waitingBytes) }),
  };
}
