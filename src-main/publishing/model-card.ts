import { oneLine } from '../../src-shared/one-line.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { UnsignedManifest } from '../../src-shared/published/manifest.ts';

export interface LossPoint {
  readonly atMs: number;
  readonly loss: number;
}

export const LOSS_CHART = 'loss.svg';

/** Somebody else's text within a line of Markdown. */
const inLine = (text: string): string => oneLine(text.replaceAll(/[|<>`]/g, ' '));

/** README.md of a published state, in the form that the Hub reads. Pure. */
export function modelCard(
  manifest: Omit<UnsignedManifest, 'files'>,
  { model, dataset }: Pick<Consensus, 'model' | 'dataset'>,
  losses: readonly LossPoint[],
): string {
  const { layers, width, heads, context, vocab } = model;
  const { text, licence, attribution } = manifest.trainedOn;
  const last = losses.at(-1);
  return [
    '---',
    'library_name: transformers',
    'pipeline_tag: text-generation',
    'license: other',
    'license_name: see-training-text',
    ...(dataset.kind === 'hub' ? ['datasets:', `- ${dataset.id}`] : []),
    'tags:',
    '- gpt2',
    '- bittensor',
    '- butterfly',
    '---',
    '',
    `# ${inLine(manifest.run.name)}, after round ${manifest.round}`,
    '',
    'A GPT-2 that several people train together with Butterfly, on subnet 38 of Bittensor. It is in the making: it knows what it has been taught so far, and nobody has taught it manners.',
    '',
    `- Model: ${layers} layers, ${width} channels, ${heads} heads, ${context} positions, ${vocab} tokens, float32`,
    `- State: \`${manifest.tag}\`, base digest \`${manifest.baseDigest}\``,
    `- Run profile: \`${manifest.run.profileHash}\` (profile.json)`,
    `- Published by hotkey \`${manifest.hotkey}\` with Butterfly ${manifest.appVersion}`,
    '',
    '```python',
    'from transformers import GPT2LMHeadModel',
    'model = GPT2LMHeadModel.from_pretrained("PATH OR REPOSITORY")',
    '```',
    '',
    '## Loss',
    '',
    ...(last
      ? [
          `![Training loss](${LOSS_CHART})`,
          '',
          `Training loss of the publisher, in nats per token: ${last.loss.toFixed(4)} at last.`,
        ]
      : ['The publisher has not trained a step of it yet.']),
    '',
    '## Training text and its licence',
    '',
    `- Text: ${inLine(text)}`,
    `- Licence: ${inLine(licence)}`,
    `- Attribution: ${inLine(attribution)}`,
    '',
    '## Files',
    '',
    'manifest.json names every file with its SHA-256 and is signed by the hotkey. outer.safetensors is the momentum of the outer optimizer: with it somebody can join the run from here.',
    '',
  ].join('\n');
}

const [WIDTH, HEIGHT, MARGIN] = [640, 240, 40];

/** The loss over time as a picture; null for fewer than two points. Pure. */
export function lossChart(losses: readonly LossPoint[]): string | null {
  if (losses.length < 2) return null;
  const [low, high] = [
    Math.min(...losses.map(({ loss }) => loss)),
    Math.max(...losses.map(({ loss }) => loss)),
  ];
  const [first, last] = [losses[0]!.atMs, losses.at(-1)!.atMs];
  const scale = (value: number, from: number, to: number, length: number) =>
    ((value - from) / Math.max(Number.EPSILON, to - from)) * length;
  const points = losses
    .map(({ atMs, loss }) => {
      const x = MARGIN + scale(atMs, first, last, WIDTH - 2 * MARGIN);
      const y = HEIGHT - MARGIN - scale(loss, low, high, HEIGHT - 2 * MARGIN);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
  const label = (y: number, value: number) =>
    `<text x="4" y="${y}" font-size="11" font-family="sans-serif" fill="#667">${value.toFixed(2)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Training loss">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<polyline points="${points}" fill="none" stroke="#2b6cb0" stroke-width="1.5"/>`,
    label(MARGIN, high),
    label(HEIGHT - MARGIN, low),
    '</svg>',
    '',
  ].join('\n');
}
