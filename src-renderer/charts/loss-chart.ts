import {
  Chart,
  type ChartConfiguration,
  Decimation,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js';
import { formatCountdown, formatDecimal, formatElapsed } from '../i18n/format.ts';
import { t } from '../i18n/t.ts';
import type { Palette } from '../theme/palette.ts';
import { elapsedTicks } from './label-places.ts';
import { lossOverlay } from './loss-overlay.ts';
import type { LossPicture } from './loss-picture.ts';
import { movingAverage, withGaps } from './moving-average.ts';

Chart.register(LineController, LineElement, PointElement, LinearScale, Decimation, Tooltip);

/** The bold line remembers this share of the span shown. */
const MEMORY_SHARE = 0.018;
const MEMORY_MIN_MS = 1_500;
/** Up to here each held-out value is a point of its own. */
const POINTS_UP_TO = 24;
const FONT = '"Inter Variable", system-ui, sans-serif';
const MOST_TICKS = 5;

const heldOutRadius = ({ dataset }: { dataset: { data: readonly unknown[] } }): number =>
  dataset.data.length <= POINTS_UP_TO ? 2.2 : 0;

export type LossChart = Chart<'line', { x: number; y: number }[]>;

/** @returns a chart that is filled by `showLoss`; it never animates and parses nothing */
export function createLossChart(canvas: HTMLCanvasElement): LossChart {
  const config: ChartConfiguration<'line', { x: number; y: number }[]> = {
    type: 'line',
    data: {
      datasets: [
        { data: [], borderWidth: 1, order: 3 },
        { data: [], borderWidth: 1.5, order: 2 },
        { data: [], borderWidth: 1.5, pointRadius: heldOutRadius, pointHoverRadius: 4, order: 1, clip: 6 },
      ],
    },
    plugins: [lossOverlay],
    options: {
      animation: false,
      parsing: false,
      normalized: true,
      spanGaps: false,
      responsive: true,
      maintainAspectRatio: false,
      events: ['mousemove', 'mouseout', 'touchstart'],
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      elements: { point: { radius: 0, hitRadius: 0 }, line: { tension: 0 } },
      layout: { padding: { top: 6, right: 86, bottom: 0, left: 0 } },
      scales: {
        x: {
          type: 'linear',
          grid: { display: false },
          border: { display: false },
          ticks: {
            maxRotation: 0,
            minRotation: 0,
            sampleSize: 4,
            padding: 10,
            font: { family: FONT, size: 12 },
          },
        },
        y: {
          type: 'linear',
          border: { display: false },
          ticks: {
            maxTicksLimit: 6,
            includeBounds: false,
            precision: 1,
            padding: 8,
            font: { family: FONT, size: 12 },
          },
        },
      },
      plugins: {
        decimation: { enabled: true, algorithm: 'lttb', samples: 400, threshold: 1_400 },
        tooltip: { animation: false, displayColors: false, padding: 8, cornerRadius: 6, caretSize: 0 },
      },
    },
  };
  return new Chart(canvas, config);
}

export function showLoss(chart: LossChart, picture: LossPicture, palette: Palette): void {
  const raw = [...withGaps(picture.series)];
  const start = Math.min(
    raw[0]?.x ?? Number.POSITIVE_INFINITY,
    picture.heldOut[0]?.atMs ?? Number.POSITIVE_INFINITY,
  );
  const end = Math.max(raw.at(-1)?.x ?? 0, picture.heldOut.at(-1)?.atMs ?? 0, start + 1);
  const span = end - start;
  const average = movingAverage(picture.series, Math.max(MEMORY_MIN_MS, span * MEMORY_SHARE));
  const held = picture.heldOut.map(({ atMs, loss }) => ({ x: atMs, y: loss }));

  const [faint, bold, swarm] = chart.data.datasets;
  if (!faint || !bold || !swarm) return;
  faint.data = raw;
  faint.borderColor = withAlpha(palette.mine, 0.32);
  bold.data = [...withGaps(average)];
  bold.borderColor = palette.mine;
  swarm.data = held;
  swarm.borderColor = palette.swarm;
  swarm.backgroundColor = palette.swarm;

  const { x, y } = chart.options.scales ?? {};
  if (x && y) {
    x.min = start;
    x.max = end;
    x.afterBuildTicks = (scale) => {
      scale.ticks = elapsedTicks(span, MOST_TICKS).map((offset) => ({ value: start + offset }));
    };
    if (x.ticks) {
      x.ticks.color = palette.soft;
      x.ticks.callback = (value) => {
        const offset = Number(value) - start;
        return formatElapsed(offset);
      };
    }
    [y.min, y.max] = lossRange(picture);
    y.grid = { color: palette.line, drawTicks: false };
    if (y.ticks) y.ticks.color = palette.soft;
  }
  styleTooltip(chart, palette, start);
  chart.options.plugins = { ...chart.options.plugins, lossOverlay: { picture, palette } } as never;
  chart.update('none');
}

/** Share of the range that a line of small text takes at the chart's usual height. */
const WORD_AIR = 0.12;

/** From all that is drawn, not from zero, with a little air; the unigram line is part of the picture. */
function lossRange({ series, heldOut, unigram, marks }: LossPicture): readonly [number, number] {
  const values = [...series.map(({ v }) => v), ...heldOut.map(({ loss }) => loss)];
  if (unigram !== null) values.push(unigram);
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const air = Math.max(0.05, (high - low) * 0.07);
  // Below the lines there is room for the word of a round that came to nothing.
  const hasWord = marks.some(({ outcome }) => outcome !== 'committed');
  return [low - (hasWord ? Math.max(air, (high - low) * WORD_AIR) : air), high + air];
}

function styleTooltip(chart: LossChart, palette: Palette, start: number): void {
  const tooltip = chart.options.plugins?.tooltip;
  if (!tooltip) return;
  tooltip.backgroundColor = palette.text;
  tooltip.titleColor = palette.card;
  tooltip.bodyColor = palette.card;
  tooltip.titleFont = { family: FONT, size: 12, weight: 400 };
  tooltip.bodyFont = { family: FONT, size: 12, weight: 600 };
  tooltip.filter = ({ datasetIndex }) => datasetIndex !== 0;
  tooltip.callbacks = {
    title: ([item]) =>
      item
        ? t('loss.at', {
            clock: formatCountdown(Math.round(((item.parsed.x ?? start) - start) / 1000) * 1000),
          })
        : '',
    label: ({ datasetIndex, parsed }) =>
      t(datasetIndex === 1 ? 'loss.trainingLabel' : 'loss.heldLabel', {
        value: formatDecimal(parsed.y ?? 0, 3),
      }),
  };
}

/** Canvas colours come resolved as rgb(...), so the relative form always parses. */
const withAlpha = (colour: string, alpha: number): string => `rgb(from ${colour} r g b / ${alpha})`;
