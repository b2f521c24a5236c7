import { CARDS_LISTED_MAX } from '../../../src-shared/cards/adapter.ts';
import type { Controller } from '../../../src-shared/contract/survey.ts';

const TEXT_MAX = 512;
const MIB = 2 ** 20;

/**
 * The inventory of systems that have no files to read cards from. It starts programs and waits for them on the spot,
 * which is why it is asked here and never in the host. Nothing where it fails: it only adds to what is known.
 */
export async function controllers(
  platform: NodeJS.Platform = process.platform,
): Promise<readonly Controller[]> {
  if (platform !== 'win32' && platform !== 'darwin') return [];
  try {
    const { graphics } = await import('systeminformation');
    return (await graphics()).controllers.slice(0, CARDS_LISTED_MAX).map(({ vendor, model, vram }) => ({
      vendor: String(vendor ?? '').slice(0, TEXT_MAX),
      model: String(model ?? '').slice(0, TEXT_MAX),
      memoryBytes:
        typeof vram === 'number' && Number.isFinite(vram) && vram > 0 ? Math.round(vram) * MIB : null,
    }));
  } catch (error) {
    console.error('the inventory of cards', error);
    return [];
  }
}
