import type { Adapter } from '../../../src-shared/cards/adapter.ts';
import type { AdapterFacts } from '../../../src-shared/contract/survey.ts';
import { adapterOf } from '../engine/gpu/adapters.ts';
import { factsOf } from '../engine/gpu/device.ts';

/** Dawn hides products on matrix units unless it is asked for them. */
const ALL_FEATURES = ['enable-dawn-features=allow_unsafe_apis'];

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
