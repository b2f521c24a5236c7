import { nameInList } from '../../src-shared/cards/adapter.ts';
import type { Benchmark, ProfileSpeed } from '../../src-shared/contract/benchmark.ts';
import { planBytes } from '../../src-shared/contract/memory-plan.ts';
import type { FoundCard } from '../../src-shared/contract/page/card.ts';
import type { RunView } from '../../src-shared/contract/page/sections.ts';
import { describeError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { SettingValues } from '../../src-shared/settings.ts';
import { formatAlpha, formatBytes, formatCount, formatDay, formatPercent } from '../i18n/format.ts';
import { plural, t } from '../i18n/t.ts';
import { type MemoryPart, memoryParts, rateText, wattsText } from './card.ts';

/** A share of so few others says nothing. */
const PEERS_LEAST = 3;

export interface SpeedRow {
  readonly profile: string;
  /** The run that is shown trains this one. */
  readonly isMine: boolean;
  readonly rate: string | null;
  readonly isReckoned: boolean;
  /** What the same device did before: "before: 28.9 k, Mon, Nov 2". */
  readonly before: string | null;
  readonly steps: string | null;
  readonly power: string | null;
  /** Against the peers of the run; null where their steps are not known. */
  readonly swarm: string | null;
  /** Why there are no figures. */
  readonly problem: string | null;
}

/** The newest benchmark of each device, the newest first, each with the one before it of the same device. */
export function newestOfEach(
  results: readonly Benchmark[],
): readonly { readonly newest: Benchmark; readonly before: Benchmark | null }[] {
  const devices = [...new Set(results.map(({ device }) => device))];
  return devices.map((one) => {
    const [newest, before] = results.filter(({ device }) => device === one);
    return { newest: newest!, before: before ?? null };
  });
}

/** A device that can be measured, and its name. */
export interface Measurable {
  readonly device: string;
  readonly name: string;
}

/** What is worth a measurement: what was chosen, or the first card that can be used, and the processor beside it. Pure. */
export function measurables(settings: SettingValues, cards: readonly FoundCard[]): readonly Measurable[] {
  const processor = { device: 'cpu', name: t('card.would.processor') };
  if (settings['training.engine'] === 'tensorflow')
    return [{ device: 'tensorflow', name: t('card.would.tensorflow') }, processor];
  const usable = cards.filter(({ problem }) => !problem);
  const card = usable.find(({ key }) => key === settings['training.device']) ?? usable[0];
  return card ? [{ device: card.key, name: nameInList(card) }, processor] : [processor];
}

/** A benchmark as rows. Pure. */
export function speedRows(
  { profiles }: Benchmark,
  before: Benchmark | null,
  run: RunView | null,
): readonly SpeedRow[] {
  return profiles.map((one) => {
    const { profile, speed, watts, stepsARound, mostSteps, problem } = one;
    const isMine = run?.facts.profile === profile;
    const earlier = before?.profiles.find((old) => old.profile === profile)?.speed ?? null;
    const day = before ? formatDay(before.atMs) : '';
    return {
      profile,
      isMine,
      rate: speed && rateText(speed.tokensPerSecond),
      isReckoned: speed?.how === 'reckoned',
      before: earlier && t('card.would.before', { rate: rateText(earlier.tokensPerSecond), day }),
      steps:
        stepsARound === null
          ? null
          : t('card.would.steps', { n: formatCount(stepsARound), most: formatCount(mostSteps) }),
      power: watts === null ? null : wattsText(watts),
      swarm: run && isMine ? againstSwarm(one, run) : null,
      problem: problem && describeError(toCodedError(problem)).sentence,
    };
  });
}

/** Where the memory of a model would go: "7.6 GiB, 2 of 4 sequences at a time" and the parts of a bar. */
export interface PlanRow {
  readonly profile: string;
  readonly text: string;
  readonly parts: readonly MemoryPart[];
}

/**
 * The plans of a benchmark, of the models that the device holds and whose engine counts its memory. Pure.
 * @param memoryBytes of the device; null: not known
 */
export const planRows = ({ profiles }: Benchmark, memoryBytes: number | null): readonly PlanRow[] =>
  profiles.flatMap(({ profile, speed }) => {
    const plan = speed?.plan;
    if (!plan) return [];
    const pass = plan.passSequences;
    const sequences = plural('card.memory.sequences', pass, formatCount(pass));
    const text = t('card.would.plan', { bytes: formatBytes(planBytes(plan)), sequences });
    return [{ profile, text, parts: memoryParts(plan, memoryBytes) }];
  });

/** What the run that is shown got today with its model, where it is known; of other models and devices nobody knows. */
export function alphaNote({ profiles }: Benchmark, run: RunView | null): string {
  const isMine = profiles.some(({ profile }) => profile === run?.facts.profile);
  const today = isMine ? (run?.earnings?.todayAlpha ?? null) : null;
  if (!run?.training || today === null) return t('card.would.alpha');
  const got = { alpha: formatAlpha(today), engine: run.training.engine, profile: run.facts.profile };
  return `${t('card.would.alpha')} ${t('card.would.alphaToday', got)}`;
}

/** "better than 71 %": of the peers that said how many sequences they trained in their last round. */
function againstSwarm({ stepsARound, sequencesAStep }: ProfileSpeed, { swarm }: RunView): string | null {
  const others = (swarm?.peers ?? []).flatMap(({ self, ready }) => (self || !ready ? [] : [ready.sequences]));
  if (stepsARound === null || others.length < PEERS_LEAST) return null;
  const mine = stepsARound * sequencesAStep;
  const share = others.filter((sequences) => sequences < mine).length / others.length;
  return t('card.would.better', { share: formatPercent(share) });
}
