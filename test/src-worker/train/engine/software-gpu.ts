import { existsSync } from 'node:fs';
import { findAdapter } from '../../../../src-worker/train/engine/gpu/device.ts';

/** Processors that play a graphics card, by the description that the Vulkan loader reads. */
const SOFTWARE = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/share/vulkan/icd.d/lvp_icd.json',
] as const;

/**
 * Chooses the software adapters for this process, before anything asks for one. `BUTTERFLY_VULKAN_ICD` names another.
 * @returns why there is none; null where there is one
 */
export function chooseSoftwareGpu(): string | null {
  const wanted = process.env.BUTTERFLY_VULKAN_ICD;
  const found = wanted ? [wanted] : SOFTWARE.filter((path) => existsSync(path));
  if (found.length === 0) return lacks(`no software Vulkan adapter (looked for ${SOFTWARE.join(' and ')})`);
  // Several stand side by side, and who wants a certain one asks for it by name.
  process.env.VK_DRIVER_FILES = found.join(':');
  process.env.XDG_RUNTIME_DIR ??= '/tmp';
  return null;
}

/** Dawn's words for the software adapter that has float16: Mesa's. */
export const HALF_ADAPTER = ['backend=vulkan', 'adapter=llvmpipe'];

/** @returns why float16 cannot be tried on this machine; null where it can */
export async function chooseHalfGpu(): Promise<string | null> {
  const lacking = chooseSoftwareGpu();
  if (lacking) return lacking;
  const adapter = await findAdapter(HALF_ADAPTER).catch(() => null);
  if (adapter?.features.has('shader-f16')) return null;
  return lacks(
    'no software Vulkan adapter with float16: Mesa 25 or newer has one, and .ci/setup installs it',
  );
}

function lacks(lacking: string): string {
  if (process.env.CI) throw new Error(lacking);
  return lacking;
}
