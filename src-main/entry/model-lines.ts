import {
  isSound,
  type ModelDownload,
  type ModelSource,
  type ModelsView,
  type PublishedModel,
} from '../../src-shared/contract/page/models.ts';
import { describeError } from '../../src-shared/errors/app-error.ts';
import { oneLine } from '../../src-shared/one-line.ts';

/** Published models as a terminal tells them. What strangers wrote is one line without control characters. Pure. */

const UNKNOWN = '—';
const NAME_CHARS = 60;

export function modelsLines(
  { sources, losses }: ModelsView,
  downloads: readonly ModelDownload[],
  nowMs: number,
): readonly string[] {
  return [
    ...losses.flatMap(({ runName, rise }) =>
      rise
        ? [
            `The loss of ${oneLine(runName, NAME_CHARS)} has risen for ${rise.states} states in a row since round ${rise.sinceRound}.`,
          ]
        : [],
    ),
    ...(sources.length === 0
      ? ['No store is known. butterfly models add hub:owner/name looks at one.']
      : sources.flatMap((source) => sourceLines(source, nowMs))),
    ...(downloads.length > 0 ? ['On this computer:', ...downloads.map((one) => `  ${modelLine(one)}`)] : []),
  ];
}

function sourceLines(
  { address, states, lookedAtMs, unreadable, problem }: ModelSource,
  nowMs: number,
): string[] {
  const age = lookedAtMs === null ? 'not looked at' : `as it was ${minutes(nowMs - lookedAtMs)} ago`;
  const { sentence } = problem ? describeError(problem) : { sentence: null };
  return [
    `${oneLine(address)}, ${age}:`,
    ...(sentence ? [`  ${sentence}`] : []),
    ...(unreadable > 0 ? [`  States without a manifest that can be read: ${unreadable}`] : []),
    ...(states.length > 0 ? states.map((state) => `  ${stateLine(state)}`) : ['  It has no whole model.']),
  ];
}

const stateLine = (state: PublishedModel): string =>
  [
    state.tag,
    nameOf(state),
    `loss ${state.heldOutLoss?.toFixed(3) ?? UNKNOWN}`,
    `tokens ${state.ownTokens?.toLocaleString('en') ?? UNKNOWN}`,
    mebibytes(state.sizeBytes),
    state.publishedAtMs === null ? UNKNOWN : new Date(state.publishedAtMs).toISOString().slice(0, 16),
    state.hotkey,
    state.isSigned ? 'signed' : 'not signed',
  ].join('  ');

const nameOf = ({ runName, round }: PublishedModel): string =>
  `${oneLine(runName, NAME_CHARS)} ${round < 0 ? 'before its first round' : `round ${round}`}`;

export function modelLine({ id, state, phase, check, folder }: ModelDownload): string {
  const whole =
    phase.kind === 'here' ? (check ? (isSound(check) ? 'sound' : 'not sound') : 'not checked') : 'not whole';
  return [id, nameOf(state), mebibytes(state.sizeBytes), whole, folder].join('  ');
}

const weightsSentence = {
  same: 'The weights come to the base digest that it names.',
  other: 'The weights come to another digest than it names.',
  unknown: 'Whether the weights come to its base digest was not told.',
} as const;

export const checkLines = ({ check, state }: ModelDownload): readonly string[] =>
  check === null
    ? []
    : [
        check.damaged.length === 0
          ? 'Every file is what the manifest says.'
          : `Damaged: ${check.damaged.join(', ')}.`,
        check.isSigned
          ? `Hotkey ${state.hotkey} signed the manifest.`
          : `Hotkey ${state.hotkey} did not sign this manifest: anybody may have made it.`,
        weightsSentence[check.weights],
        'It was not compared with a chain; Butterfly does that where a run of its own knows the round.',
      ];

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
const minutes = (ms: number): string => `${Math.max(0, Math.round(ms / 60_000))} min`;
