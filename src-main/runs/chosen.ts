import { availableParallelism } from 'node:os';
import { type EngineChoice, engineKinds, onProcessor } from '../../src-shared/contract/train.ts';
import type { SettingValues } from '../../src-shared/settings.ts';
import { parseStoreAddress, type StoreAddress } from '../../src-shared/stores/store-address.ts';
import { engineFolder } from '../engines/place.ts';
import type { JoinedRun } from './kept-runs.ts';
import type { OutsideChoice } from './start-swarm.ts';

/** What the settings say of a run, read whenever one starts. */

/** The endpoint of a network that has a setting; null for one of the user's own. */
export function endpointChosen(settings: SettingValues, networkName: string): string | null {
  if (networkName === 'finney') return settings['network.finney.endpoint'];
  if (networkName === 'test') return settings['network.test.endpoint'];
  return null;
}

/** Where everybody may read the states of this computer, by its user's word; null: nothing is said of it. */
export const announcedStoreChosen = (settings: SettingValues): StoreAddress | null =>
  parseStoreAddress(settings['swarm.store']);

/** Where peers reach a run. */
export const listenChosen = (settings: SettingValues): { host: string; port: number } => ({
  host: settings['swarm.reach'] === 'this-computer' ? '127.0.0.1' : '0.0.0.0',
  port: settings['swarm.port'],
});

/** What is done so that peers outside this house reach a run. */
export const outsideChosen = (settings: SettingValues): OutsideChoice => ({
  mapsPort: settings['swarm.mapsPort'],
  mayRelay: settings['swarm.relays'],
});

/**
 * What computes. One core stays free for everything else, unless a number was chosen.
 * @param dataDir the host's, where engines lie that a user added
 * @param unsaid threads where none were chosen
 */
export function engineChosen(
  settings: SettingValues,
  dataDir: string,
  unsaid = Math.max(1, availableParallelism() - 1),
): EngineChoice {
  const processor: EngineChoice = {
    ...onProcessor(settings['training.threads'] || unsaid),
    share: shareChosen(settings),
  };
  switch (settings['training.engine']) {
    case 'gpu':
      return { ...processor, kind: 'gpu', device: settings['training.device'] || null };
    case 'tensorflow':
      return { ...processor, kind: 'tensorflow', folder: engineFolder(dataDir, 'tensorflow') };
    default:
      return processor;
  }
}

/**
 * A device with all else as it was chosen.
 * @param device as results name it: the key of a card, 'gpu' for the one that drivers offer first, or another engine
 */
export function engineOf(device: string, settings: SettingValues, dataDir: string): EngineChoice {
  const kind = engineKinds.find((one) => one === device) ?? 'gpu';
  const key = kind === device ? '' : device;
  return engineChosen({ ...settings, 'training.engine': kind, 'training.device': key }, dataDir);
}

/** How hard it may work, of its time. */
export const shareChosen = (settings: SettingValues): number => settings['training.share'] / 100;

/** What of fetched text is kept, in bytes. */
export const textBytesChosen = (settings: SettingValues): number => settings['training.textGib'] * 2 ** 30;

/** Where the network of a joined run answers: as it was joined, or as the settings say now. */
export function endpointsOf(
  { endpoints, networkName }: JoinedRun,
  settings: SettingValues,
): readonly string[] {
  const chosen = endpointChosen(settings, networkName);
  return endpoints ?? (chosen === null ? [] : [chosen]);
}
