import { adapterOfKey, kindOf } from '../../src-shared/cards/adapter.ts';
import { sensorsOf } from '../../src-shared/cards/sensors.ts';
import type { CardSensors } from '../../src-shared/contract/page/card.ts';
import type { EngineChoice } from '../../src-shared/contract/train.ts';
import type { MachineReader } from '../telemetry/reading.ts';
import { KEPT_FREE_BYTES } from './limits.ts';

/**
 * Memory of a card that nobody uses now, less what the desktop is left: drivers give more than there is, and let all
 * that does not fit wait on the bus. A chip that shares the computer's memory has sensors of a small part of it alone.
 * @param device the key of a card; null: the one that drivers offer first
 * @returns bytes; null where no sensor tells, nobody knows which card it is, or whether its memory is its own
 */
export function freeMemory(device: string | null, cards: readonly CardSensors[]): number | null {
  const name = device === null ? null : adapterOfKey(device)?.name;
  const sensors = name ? sensorsOf({ name, vendor: '' }, cards) : onlyOf(cards);
  const meant = name ?? sensors?.name ?? '';
  if (kindOf({ vendor: '', name: meant, isSoftware: false }) !== 'discrete') return null;
  if (!sensors || sensors.memoryBytes === null || sensors.usedBytes === null) return null;
  return Math.max(0, sensors.memoryBytes - sensors.usedBytes - KEPT_FREE_BYTES);
}

const onlyOf = ([one, another]: readonly CardSensors[]): CardSensors | null => (one && !another ? one : null);

/** The same as sensors tell it now; null where no card was chosen. */
export async function freeOnCard(
  sensors: MachineReader,
  { kind, device }: EngineChoice,
  signal: AbortSignal,
): Promise<number | null> {
  if (kind !== 'gpu') return null;
  return freeMemory(device, (await sensors.read(signal))?.cards ?? []);
}
