import type {
  ModelCheck,
  ModelDownload,
  ModelSource,
  ModelsView,
  ModelWriting,
  PublishedModel,
} from '../../../src-shared/contract/page/models.ts';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import { lossRise } from '../../../src-shared/published/loss-rise.ts';
import { hex } from '../../../src-shared/units.ts';
import { idle, me } from './scenes.ts';

/** What a host says of published models. */
const HOUR_MS = 3_600_000;
const profileHash = hex('9f3ca1'.padEnd(64, '0'));

export const published = (round: number, changes: Partial<PublishedModel> = {}): PublishedModel => ({
  ...{ tag: `1.${round + 1}.30`, runName: 'gpt2-124m', profileHash, round, baseDigest: hex('cd'.repeat(32)) },
  ...{ hotkey: me, isSigned: true, sizeBytes: 995_000_000, publishedAtMs: null, heldOutLoss: null },
  ...{ ownTokens: null, link: null },
  ...changes,
});

const statesOf = (nowMs: number): readonly PublishedModel[] =>
  [231, 221, 211, 201].map((round, index) =>
    published(round, {
      publishedAtMs: nowMs - (1 + 12 * index) * HOUR_MS,
      heldOutLoss: 3.61 - 0.02 * index,
      ownTokens: 1_240_000_000 - 40_000_000 * index,
      link: `https://huggingface.co/somebody/sn38-gpt2-124m/tree/1.${round + 1}.30`,
    }),
  );

const quiet = { unreadable: 0, isLooking: false, problem: null } as const;

export const sources = (nowMs: number): readonly ModelSource[] => [
  {
    ...{ id: 'a'.repeat(16), address: 'hub:somebody/sn38-gpt2-124m', why: 'announced' },
    ...{ ...quiet, lookedAtMs: nowMs - 20_000, states: statesOf(nowMs) },
  },
  {
    ...{ id: 'b'.repeat(16), address: 'folder:/mnt/models/a-team-of-ours/states', why: 'added' },
    ...{ ...quiet, unreadable: 2, lookedAtMs: nowMs - 30 * HOUR_MS },
    states: [published(-1, { tag: '1.0.0', isSigned: false })],
    problem: { code: 'STORE_PLACE_MISSING', params: { place: '/mnt/models/a-team-of-ours/states' } },
  },
];

/** Falls, and from round 201 on rises. */
const points = Array.from({ length: 24 }, (_, i) => {
  const round = 10 * i + 1;
  const loss = round <= 201 ? 3.5 + 4 * Math.exp(-round / 60) : 3.64 + (round - 201) / 300;
  return { round, loss, isOwn: i > 3 };
});

export const rising = (nowMs: number): ModelsView => ({
  sources: sources(nowMs),
  losses: [{ runName: 'gpt2-124m', profileHash, points, rise: lossRise(points) }],
});

export const sound = (nowMs: number): ModelCheck => ({
  ...{ atMs: nowMs, damaged: [], isSigned: true, weights: 'same', chain: 'unknown' },
});

const dataDir = '/home/you/.local/share/butterfly';
export const download = (nowMs: number, changes: Partial<ModelDownload> = {}): ModelDownload => ({
  ...{ id: `1.222.30-${'1'.repeat(16)}`, from: 'hub:somebody/sn38-gpt2-124m', state: statesOf(nowMs)[1]! },
  ...{ folder: `${dataDir}/models/1.222.30-${'1'.repeat(16)}`, phase: { kind: 'here', problem: null } },
  ...{ check: sound(nowMs), exportedTo: null, exportsTo: '/home/you/GPT-2-1.222.30' },
  ...changes,
});

export const writing = (nowMs: number): ModelWriting => ({
  ...{ download: download(nowMs).id, phase: 'writing', problem: null },
  prompt: { text: 'The whale', temperature: 0.8, topK: 40, seed: 0 },
  written: ' turned, and all the sea was white behind it; and the men stood still',
});

export const withModels = (nowMs: number): View => ({
  ...idle(),
  models: rising(nowMs),
  modelDownloads: [
    download(nowMs),
    download(nowMs, {
      id: `1.232.30-${'2'.repeat(16)}`,
      state: statesOf(nowMs)[0]!,
      ...{ phase: { kind: 'coming', doneBytes: 420_000_000 }, check: null },
    }),
  ],
  modelWriting: writing(nowMs),
});
