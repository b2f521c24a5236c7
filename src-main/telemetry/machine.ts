import { type NvidiaTool, nvidiaCards } from './nvidia.ts';
import type { MachineReader } from './reading.ts';
import { type Sysfs, sysfsCards, sysfsProcessors } from './sysfs.ts';

/**
 * NVIDIA by the maker's tool; AMD and Intel cards by what a Linux kernel shows of them; processors by their counter of
 * energy. What there is is looked for once.
 */
export function machineReader(from: Sysfs & NvidiaTool): MachineReader {
  const nvidia = nvidiaCards(from);
  let found: Promise<Awaited<ReturnType<typeof look>>> | null = null;
  const look = async () => ({ cards: await sysfsCards(from), processors: await sysfsProcessors(from) });
  return {
    async read(signal) {
      found ??= look();
      const { cards, processors } = await found;
      const told = [...(await nvidia(signal)), ...(await Promise.all(cards.map((read) => read())))];
      const watts = (await Promise.all(processors.map((read) => read()))).filter((value) => value !== null);
      signal.throwIfAborted();
      const cpuWatts = watts.length === 0 ? null : watts.reduce((sum, value) => sum + value, 0);
      return told.length === 0 && cpuWatts === null ? null : { cards: told, cpuWatts };
    },
  };
}
