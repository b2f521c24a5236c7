import type { Adapter } from '../../../src-shared/cards/adapter.ts';
import type { AdapterFacts } from '../../../src-shared/contract/survey.ts';
import { adapterOf } from '../engine/gpu/adapters.ts';
import { factsOf } from '../engine/gpu/device.ts';

/** What Dawn hides unless it is asked for: products on matrix units, and 16 bits on NVIDIA's Vulkan. */
const ALL_FEATURES = ['enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia'];

/** @returns null where its driver lists it and does not give it out */
export async function probe(adapter: Adapter): Promise<AdapterFacts | null> {
  const found = await adapterOf(adapter, ALL_FEATURES);
  if (!found) return null;
  const { info, features, limits } = found;
  return {
    vendor: info.vendor,
    architecture: info.architecture,
    driver: info.description,
    isSoftware: factsOf(found).isSoftware || info.isFallbackAdapter === true,
    f16: features.has('shader-f16'),
    subgroups: features.has('subgroups'),
    subgroupMatrix: features.has('chromium-experimental-subgroup-matrix' as GPUFeatureName),
    timestamps: features.has('timestamp-query'),
    bufferBytes: limits.maxBufferSize,
    bindingBytes: limits.maxStorageBufferBindingSize,
  };
}
