import { describe, expect, it } from 'vitest';
import { adapterOf, adaptersIn, listAdapters } from '../../../../../src-worker/train/engine/gpu/adapters.ts';
import { chooseSoftwareGpu } from '../software-gpu.ts';

describe('the list of adapters', () => {
  it('is what the library names, by the interfaces that training runs on, those of one name numbered', () => {
    const message = [
      'no suitable backends found',
      'Available adapters:',
      " * backend: 'd3d11', name: 'NVIDIA GeForce RTX 3060'",
      " * backend: 'd3d12', name: 'NVIDIA GeForce RTX 3060'",
      " * backend: 'd3d12', name: 'Microsoft Basic Render Driver'",
      " * backend: 'vulkan', name: 'NVIDIA GeForce RTX 3060'",
      " * backend: 'vulkan', name: 'NVIDIA GeForce RTX 3060'",
      " * backend: 'vulkan', name: 'It's \"odd\", isn't it'",
      " * backend: 'opengl', name: 'NVIDIA GeForce RTX 3060'",
      " * backend: 'vulkan', name: ''",
    ].join('\n');
    expect(adaptersIn(message)).toEqual([
      { backend: 'vulkan', name: 'NVIDIA GeForce RTX 3060' },
      { backend: 'vulkan', name: 'NVIDIA GeForce RTX 3060', index: 1 },
      { backend: 'vulkan', name: 'It\'s "odd", isn\'t it' },
      { backend: 'd3d12', name: 'NVIDIA GeForce RTX 3060' },
      { backend: 'd3d12', name: 'Microsoft Basic Render Driver' },
    ]);
    expect(adaptersIn('')).toEqual([]);
  });

  const lacking = chooseSoftwareGpu();
  it.skipIf(lacking !== null)('names adapters that open by their name alone, and no others', async () => {
    const [listed] = await listAdapters();
    expect(await adapterOf(listed!)).not.toBeNull();
    expect(await adapterOf({ ...listed!, name: listed!.name.slice(0, 5) })).toBeNull();
    expect(await adapterOf({ ...listed!, name: 'another' })).toBeNull();
    expect(await adapterOf({ ...listed!, index: 1 })).toBeNull();
  });
});
