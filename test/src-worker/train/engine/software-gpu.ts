import { existsSync } from 'node:fs';

/** Processors that play a graphics card, by the description that the Vulkan loader reads. */
const SOFTWARE = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/share/vulkan/icd.d/lvp_icd.json',
] as const;

/**
 * Chooses a software adapter for this process, before anything asks for one. `BUTTERFLY_VULKAN_ICD` names another.
 * @returns why there is none; null where there is one
 */
export function chooseSoftwareGpu(): string | null {
  const wanted = process.env.BUTTERFLY_VULKAN_ICD;
  const found = wanted ?? SOFTWARE.find((path) => existsSync(path));
  if (!found) {
    const lacking = `no software Vulkan adapter (looked for ${SOFTWARE.join(' and ')})`;
    if (process.env.CI) throw new Error(lacking);
    return lacking;
  }
  process.env.VK_DRIVER_FILES = found;
  process.env.XDG_RUNTIME_DIR ??= '/tmp';
  return null;
}
