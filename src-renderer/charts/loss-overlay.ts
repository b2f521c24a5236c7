import type { Chart, Plugin } from 'chart.js';
import { t } from '../i18n/t.ts';
import { formatLoss } from '../state/answers.ts';
import type { Palette } from '../theme/palette.ts';
import { spreadLabels } from './label-places.ts';
import type { LossPicture } from './loss-picture.ts';

const LABEL_GAP = 16;
const SMALL = '12px "Inter Variable", system-ui, sans-serif';
const BOLD = `600 ${SMALL}`;

interface Overlay {
  readonly picture: LossPicture;
  readonly palette: Palette;
}

/** What stands on the chart besides its lines: the unigram line, round ticks, and each line's name at its end. */
export const lossOverlay: Plugin<'line'> = {
  id: 'lossOverlay',
  afterDatasetsDraw(chart) {
    const overlay = (chart.options.plugins as { lossOverlay?: Overlay } | undefined)?.lossOverlay;
    if (!overlay) return;
    const { ctx } = chart;
    ctx.save();
    paintUnigram(chart, overlay);
    paintRounds(chart, overlay);
    paintEndLabels(chart, overlay);
    ctx.restore();
  },
};

function paintUnigram(chart: Chart, { picture, palette }: Overlay): void {
  const y = picture.unigram === null ? undefined : chart.scales.y?.getPixelForValue(picture.unigram);
  const { ctx, chartArea } = chart;
  if (y === undefined || y < chartArea.top || y > chartArea.bottom) return;
  ctx.strokeStyle = palette.soft;
  ctx.lineWidth = 1;
  ctx.setLineDash([2, 4]);
  ctx.beginPath();
  ctx.moveTo(chartArea.left, y);
  ctx.lineTo(chartArea.right, y);
  ctx.stroke();
  ctx.setLineDash([]);
}

function paintRounds(chart: Chart, { picture, palette }: Overlay): void {
  const scale = chart.scales.x;
  if (!scale) return;
  const { ctx, chartArea } = chart;
  ctx.lineWidth = 1.5;
  for (const { atMs, outcome } of picture.marks) {
    const x = scale.getPixelForValue(atMs);
    if (x < chartArea.left - 1 || x > chartArea.right + 1) continue;
    ctx.strokeStyle =
      outcome === 'void' ? palette.fault : outcome === 'skipped' ? palette.soft : palette.line;
    ctx.beginPath();
    ctx.moveTo(x, chartArea.bottom + 8);
    ctx.lineTo(x, chartArea.bottom + (outcome === 'committed' ? 4 : -4));
    ctx.stroke();
  }
  paintLastMiss(chart, { picture, palette });
}

/** The word of the newest round that did not commit, or of the one under the pointer. */
function paintLastMiss(chart: Chart, { picture, palette }: Overlay): void {
  const scale = chart.scales.x;
  const missed = picture.marks.filter(({ outcome }) => outcome !== 'committed');
  const pointerX = chart.tooltip?.opacity ? chart.tooltip.caretX : null;
  const hovered = pointerX === null ? undefined : missed.find((mark) => near(scale, mark.atMs, pointerX));
  const mark = hovered ?? missed.at(-1);
  if (!scale || !mark) return;
  const { ctx, chartArea } = chart;
  const text = t(mark.outcome === 'void' ? 'loss.void' : 'loss.skipped', { round: mark.round });
  ctx.font = SMALL;
  ctx.textBaseline = 'alphabetic';
  const x = scale.getPixelForValue(mark.atMs);
  const fits = x + 6 + ctx.measureText(text).width < chartArea.right;
  ctx.textAlign = fits ? 'left' : 'right';
  onPatch(ctx, palette, text, x + (fits ? 6 : -6), chartArea.bottom - 5);
}

const near = (scale: Chart['scales'][string] | undefined, atMs: number, x: number): boolean =>
  scale !== undefined && Math.abs(scale.getPixelForValue(atMs) - x) < 8;

function paintEndLabels(chart: Chart, { picture, palette }: Overlay): void {
  const ends = [
    { index: 1, key: 'loss.trainingLabel', colour: palette.mine },
    { index: 2, key: 'loss.heldLabel', colour: palette.swarm },
  ] as const;
  // Each line is named at its end, beside the drawing: nothing is written over the curves.
  const shown: { text: string; colour: string; value: number }[] = ends.flatMap(({ index, key, colour }) => {
    const set = chart.data.datasets[index]?.data as { x: number; y: number }[] | undefined;
    const last = index === 2 ? picture.heldOut.at(-1)?.loss : set?.at(-1)?.y;
    return last === undefined ? [] : [{ text: t(key, { value: formatLoss(last) }), colour, value: last }];
  });
  if (picture.unigram !== null)
    shown.push({
      text: t('loss.unigramLabel', { value: formatLoss(picture.unigram) }),
      colour: palette.soft,
      value: picture.unigram,
    });
  const { ctx, chartArea } = chart;
  const wanted = shown.map(({ value }) => chart.scales.y?.getPixelForValue(value) ?? 0);
  const places = spreadLabels(wanted, LABEL_GAP, chartArea.top + 6, chartArea.bottom - 6);
  ctx.font = BOLD;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  for (const [index, { text, colour }] of shown.entries()) {
    ctx.fillStyle = colour;
    ctx.fillText(text, chartArea.right + 8, places[index] ?? 0);
  }
}

/** Text over lines stays readable on a patch of the card's colour that lets the lines shimmer through. */
function onPatch(ctx: CanvasRenderingContext2D, palette: Palette, text: string, x: number, y: number): void {
  const { width } = ctx.measureText(text);
  ctx.globalAlpha = 0.82;
  ctx.fillStyle = palette.card;
  ctx.fillRect((ctx.textAlign === 'right' ? x - width : x) - 3, y - 12, width + 6, 16);
  ctx.globalAlpha = 1;
  ctx.fillStyle = palette.soft;
  ctx.fillText(text, x, y);
}
