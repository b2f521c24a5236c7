import type { CardSensors } from '../../src-shared/contract/page/card.ts';
import {
  CARD_NAME_MAX,
  SENSOR_SOURCES_MAX,
  SENSOR_TEXT_MAX,
  SENSOR_TOOL_MS,
  SENSOR_TOOL_REST_MS,
} from './limits.ts';
import { asBytes, asCelsius, asShare, asWatts, decimal } from './parse.ts';
import { askTool, type ToolAnswer } from './tool.ts';

/** In the order of the columns; the name is last, for it may hold a comma. */
const FIELDS = [
  'temperature.gpu',
  'power.draw',
  'memory.total',
  'memory.used',
  'utilization.gpu',
  'fan.speed',
  'name',
] as const;
const QUERY = [`--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits'];
const MIB = 2 ** 20;
/** What stands in place of a number that a card or its driver does not have: "[N/A]", "[Not Supported]", "ERR!". */
const UNTOLD = /^(?:\[[^\]]{1,40}\]|N\/A|ERR!)$/;

/** Each line is a card; one that is a sentence, or none of ours, is passed over. Pure. */
export function parseNvidia(text: string): readonly CardSensors[] {
  if (text.length > SENSOR_TEXT_MAX) return [];
  return text.split(/\r?\n/).slice(0, SENSOR_SOURCES_MAX).flatMap(cardOf);
}

function cardOf(line: string): readonly CardSensors[] {
  const cells = line.split(',').map((cell) => cell.trim());
  if (cells.length < FIELDS.length) return [];
  const numbers = cells.slice(0, FIELDS.length - 1);
  if (numbers.some((cell) => decimal(cell) === null && !UNTOLD.test(cell))) return [];
  const [celsius, watts, total, used, busy, fan] = numbers.map(decimal) as (number | null)[];
  const name = cells
    .slice(FIELDS.length - 1)
    .join(', ')
    .slice(0, CARD_NAME_MAX);
  return [
    {
      vendor: 'nvidia',
      name: name === '' || UNTOLD.test(name) ? null : name,
      celsius: asCelsius(celsius ?? null),
      watts: asWatts(watts ?? null),
      memoryBytes: asBytes(total ?? null, MIB),
      usedBytes: asBytes(used ?? null, MIB),
      busy: asShare(busy ?? null, 100),
      fan: asShare(fan ?? null, 100),
    },
  ];
}

export interface NvidiaTool {
  ask(signal: AbortSignal): Promise<ToolAnswer>;
  /** A clock that never goes back, in milliseconds. */
  nowMs(): number;
}

/** A tool that is not there is not asked again, one that failed not soon. */
export function nvidiaCards({
  ask,
  nowMs,
}: NvidiaTool): (signal: AbortSignal) => Promise<readonly CardSensors[]> {
  let notBeforeMs = Number.NEGATIVE_INFINITY;
  return async (signal) => {
    if (nowMs() < notBeforeMs) return [];
    const answer = await ask(signal);
    if (answer === 'absent') notBeforeMs = Number.POSITIVE_INFINITY;
    else if (answer === 'failed') notBeforeMs = nowMs() + SENSOR_TOOL_REST_MS;
    else return parseNvidia(answer.text);
    return [];
  };
}

/**
 * Asks the tool where it lies on the path, on any system.
 * @param limitMs one that hangs is killed then: a driver in trouble ends for no kinder signal
 */
export const askNvidia = (signal: AbortSignal, limitMs = SENSOR_TOOL_MS): Promise<ToolAnswer> =>
  askTool('nvidia-smi', QUERY, signal, limitMs);
