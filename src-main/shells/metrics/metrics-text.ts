import type { CardSensors } from '../../../src-shared/contract/page/card.ts';
import type { PublishingView } from '../../../src-shared/contract/page/publishing.ts';
import type { RunLogState } from '../../../src-shared/contract/page/run-logs.ts';
import type { RunView, View } from '../../../src-shared/contract/page/sections.ts';

/**
 * The view as Prometheus reads it (text exposition format, version 0.0.4): names and units by its conventions, base
 * units alone. What is not known has no sample, for a zero would be a claim. Labels are a run's network, profile, role
 * and number here: no address, no path, no name of anybody's computer.
 */
export function metricsText(
  view: View,
  facts: { readonly processStartSeconds: number; readonly rssBytes: number },
): string {
  const runs = Object.values(view.runs);
  return [
    ...metric('butterfly_info', 'gauge', 'Version of this Butterfly; always 1.', [
      { labels: { version: view.app.version, shell: view.app.shell }, value: 1 },
    ]),
    ...metric('butterfly_process_start_time_seconds', 'gauge', 'Start of the host since the Unix epoch.', [
      { labels: {}, value: facts.processStartSeconds },
    ]),
    ...metric('butterfly_process_resident_memory_bytes', 'gauge', 'Resident memory of the host.', [
      { labels: {}, value: facts.rssBytes },
    ]),
    ...metric('butterfly_notices', 'gauge', 'What people are told now, by its level.', noticesByLevel(view)),
    ...ofRuns.flatMap(({ name, type, help, read }) =>
      metric(
        name,
        type,
        help,
        runs.map((run, at) => ({ labels: labelsOf(run, at), value: read(run) })),
      ),
    ),
    ...ofCards.flatMap(({ name, help, read }) =>
      metric(
        name,
        'gauge',
        help,
        (view.machine?.cards ?? []).map((card, at) => ({
          labels: { card: String(at), vendor: card.vendor },
          value: read(card),
        })),
      ),
    ),
    ...metric(
      'butterfly_run_log_pending_rows',
      'gauge',
      'Rows of the run that wait to be told to Weights & Biases or written for TensorBoard.',
      toldRuns(runs, ({ pendingRows }) => pendingRows),
    ),
    ...metric(
      'butterfly_run_log_up',
      'gauge',
      '1 while rows go there, 0 while something keeps them from it.',
      toldRuns(runs, ({ problem }) => Number(problem === null)),
    ),
    ...ofPublishing.flatMap(({ name, help, read }) =>
      metric(name, 'gauge', help, [{ labels: {}, value: view.publishing && read(view.publishing) }]),
    ),
    '',
  ].join('\n');
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** null: not known. */
  readonly value: number | null;
}

interface RunMetric {
  readonly name: `butterfly_${string}`;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  read(run: RunView): number | null;
}

/** Of each graphics card whose sensors may be read, while anything works. */
const ofCards: readonly {
  readonly name: `butterfly_${string}`;
  readonly help: string;
  read(card: CardSensors): number | null;
}[] = [
  {
    name: 'butterfly_card_temperature_celsius',
    help: 'Temperature of the card.',
    read: ({ celsius }) => celsius,
  },
  { name: 'butterfly_card_power_watts', help: 'What the card draws.', read: ({ watts }) => watts },
  {
    name: 'butterfly_card_memory_used_bytes',
    help: 'Memory of the card that programs have, all together.',
    read: ({ usedBytes }) => usedBytes,
  },
  {
    name: 'butterfly_card_memory_bytes',
    help: 'Memory of the card.',
    read: ({ memoryBytes }) => memoryBytes,
  },
  {
    name: 'butterfly_card_busy_ratio',
    help: 'Share of the last moments in which the card worked for anybody, from 0 to 1.',
    read: ({ busy }) => busy,
  },
];

/** Of this host: its runs share the uplink. */
const ofPublishing: readonly {
  readonly name: `butterfly_${string}`;
  readonly help: string;
  read(publishing: PublishingView): number | null;
}[] = [
  {
    name: 'butterfly_publish_up',
    help: '1 while the newest state got to where it is published, 0 where it did not.',
    read: ({ uploads: [newest] }) => (newest ? Number(newest.code === null) : null),
  },
  {
    name: 'butterfly_publish_round',
    help: 'Newest round of which something was published.',
    read: ({ uploads }) => uploads.find(({ code }) => code === null)?.round ?? null,
  },
  {
    name: 'butterfly_publish_pending_bytes',
    help: 'Bytes of the state on its way that are still to be sent.',
    read: ({ current }) => (current?.phase === 'sending' ? current.allBytes - current.doneBytes : null),
  },
  {
    name: 'butterfly_publish_last_day_bytes',
    help: 'Bytes that publishing sent in the last 24 hours.',
    read: ({ sentDayBytes }) => sentDayBytes,
  },
];

const ALPHA_RAO = 1e9;
const ofRuns: readonly RunMetric[] = [
  {
    name: 'butterfly_training',
    type: 'gauge',
    help: '1 while the run trains, 0 while it rests or waits.',
    read: ({ worker }) => (worker.kind === 'training' ? 1 : 0),
  },
  {
    name: 'butterfly_round',
    type: 'gauge',
    help: 'The round under way.',
    read: ({ round }) => round?.round ?? null,
  },
  {
    name: 'butterfly_rounds_committed',
    type: 'gauge',
    help: 'Rounds that were committed, of those that this host remembers.',
    read: ({ history }) => history.filter(({ outcome }) => outcome === 'committed').length,
  },
  {
    name: 'butterfly_tokens_per_second',
    type: 'gauge',
    help: 'Speed of training.',
    read: ({ training }) => training?.tokensPerSecond ?? null,
  },
  {
    name: 'butterfly_loss',
    type: 'gauge',
    help: 'Training loss, averaged over its last steps.',
    read: ({ training }) => training?.lossAverage ?? null,
  },
  {
    name: 'butterfly_held_out_loss',
    type: 'gauge',
    help: 'Loss of the base that all agreed on last, on text that nobody trains on.',
    read: ({ heldOut }) => heldOut.at(-1)?.loss ?? null,
  },
  {
    name: 'butterfly_score_ratio',
    type: 'gauge',
    help: 'Own score, as the validator has it, from 0 to 1.',
    read: ({ scores }) => scores?.mine?.total ?? null,
  },
  {
    name: 'butterfly_chain_finalized_block',
    type: 'gauge',
    help: 'Newest final block that was seen.',
    read: ({ chain }) => chain?.finalizedBlock ?? null,
  },
  {
    name: 'butterfly_chain_connected',
    type: 'gauge',
    help: '1 while a node of the chain answers.',
    read: ({ chain }) => (chain ? Number(chain.connected) : null),
  },
  {
    name: 'butterfly_alpha_earned_today',
    type: 'gauge',
    help: 'Alpha that the chain paid since midnight UTC.',
    read: ({ earnings }) =>
      earnings?.todayAlpha === null || earnings?.todayAlpha === undefined
        ? null
        : Number(earnings.todayAlpha) / ALPHA_RAO,
  },
];

/** Of each run and each target that it is told to. */
const toldRuns = (runs: readonly RunView[], read: (state: RunLogState) => number | null): Sample[] =>
  runs.flatMap((run, at) =>
    run.logs.map((state) => ({ labels: { ...labelsOf(run, at), target: state.kind }, value: read(state) })),
  );

const labelsOf = ({ facts }: RunView, at: number): Sample['labels'] => ({
  run: String(at),
  network: facts.network,
  profile: facts.profile,
  role: facts.role,
});

const noticesByLevel = ({ notices }: View): Sample[] =>
  (['info', 'attention', 'fault'] as const).map((level) => ({
    labels: { level },
    value: notices.filter((notice) => notice.level === level).length,
  }));

function metric(name: string, type: string, help: string, samples: readonly Sample[]): string[] {
  const lines = samples.flatMap(({ labels, value }) =>
    value === null || !Number.isFinite(value) ? [] : [`${name}${labelText(labels)} ${value}`],
  );
  return lines.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

function labelText(labels: Sample['labels']): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

/** As the format wants it; what a profile's author wrote is bounded, too. */
const escaped = (value: string): string =>
  value
    .slice(0, 64)
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll(/[\n\r]/g, ' ');
