import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SUPPLIES_MAX } from './limits.ts';

/** A source of power, by the words of the Linux kernel. */
interface Supply {
  readonly type: string;
  readonly online: string;
  readonly status: string;
  readonly scope: string;
}

/**
 * Whether this computer runs on battery, as a Linux kernel shows it.
 * @param folder "/sys/class/power_supply"
 * @returns null where the kernel shows no such folder
 */
export async function sysfsOnBattery(folder: string): Promise<boolean | null> {
  const names = await readdir(folder).catch(() => null);
  if (!names) return null;
  return onBatteryOf(
    await Promise.all(names.slice(0, SUPPLIES_MAX).map((name) => supplyAt(join(folder, name)))),
  );
}

async function supplyAt(folder: string): Promise<Supply> {
  const word = (name: string) =>
    readFile(join(folder, name), 'utf8').then(
      (text) => text.trim(),
      () => '',
    );
  const [type, online, status, scope] = await Promise.all(['type', 'online', 'status', 'scope'].map(word));
  return { type: type ?? '', online: online ?? '', status: status ?? '', scope: scope ?? '' };
}

/** A plug with power decides, then a battery that empties. One of a mouse or a headset is none of this computer's. */
export function onBatteryOf(supplies: readonly Supply[]): boolean {
  const own = supplies.filter(({ scope }) => scope !== 'Device');
  if (own.some(({ type, online }) => type !== 'Battery' && online === '1')) return false;
  return own.some(({ type, status }) => type === 'Battery' && status === 'Discharging');
}

/** The same from `pmset -g batt` of macOS; null for another text. */
export function pmsetOnBattery(text: string): boolean | null {
  const source = /^Now drawing from '(AC|Battery|UPS) Power'/m.exec(text)?.[1];
  return source === undefined ? null : source !== 'AC';
}
