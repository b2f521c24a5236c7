import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  announcedStoreChosen,
  endpointChosen,
  engineChosen,
  engineOf,
  listenChosen,
} from '../../../src-main/runs/chosen.ts';
import { onProcessor } from '../../../src-shared/contract/train.ts';
import { defaultSettings } from '../../../src-shared/settings.ts';

describe('what the settings say of a run', () => {
  it('is the endpoint of the two public networks, and of no other', () => {
    const settings = { ...defaultSettings, 'network.test.endpoint': 'wss://mine.example:443' };
    expect(endpointChosen(settings, 'test')).toBe('wss://mine.example:443');
    expect(endpointChosen(settings, 'finney')).toBe(defaultSettings['network.finney.endpoint']);
    expect(endpointChosen(settings, 'my-network')).toBeNull();
  });

  it('is who may reach it, and at which port', () => {
    expect(listenChosen({ ...defaultSettings, 'swarm.port': 4_001 })).toEqual({
      host: '0.0.0.0',
      port: 4_001,
    });
    const alone = { ...defaultSettings, 'swarm.reach': 'this-computer' };
    expect(listenChosen(alone)).toEqual({ host: '127.0.0.1', port: 0 });
  });

  it('is what computes: the processor, with as many threads as chosen, and a card where somebody wants it', () => {
    expect(engineChosen(defaultSettings, '/data', 7)).toEqual({
      ...{ kind: 'cpu', threads: 7, device: null, share: 1 },
    });
    expect(engineChosen(defaultSettings, '/data').threads).toBe(Math.max(1, availableParallelism() - 1));
    const chosen = {
      ...defaultSettings,
      ...{ 'training.threads': 3, 'training.engine': 'gpu', 'training.device': 'vulkan/GeForce' },
      'training.share': 80,
    };
    expect(engineChosen(chosen, '/data', 7)).toEqual({
      ...{ kind: 'gpu', threads: 3, device: 'vulkan/GeForce', share: 0.8 },
    });
    const added = { ...defaultSettings, 'training.engine': 'tensorflow' };
    const folder = join('/data', 'engines', 'tensorflow');
    expect(engineChosen(added, '/data', 7)).toEqual({ ...onProcessor(7), kind: 'tensorflow', folder });
  });

  it('is of a device that is to be measured all but the device', () => {
    const settings = { ...defaultSettings, 'training.threads': 3, 'training.engine': 'gpu' };
    expect(engineOf('cpu', settings, '/data')).toEqual(onProcessor(3));
    expect(engineOf('vulkan/GeForce', defaultSettings, '/data')).toMatchObject({
      ...{ kind: 'gpu', device: 'vulkan/GeForce' },
    });
    expect(engineOf('gpu', { ...settings, 'training.device': 'vulkan/GeForce' }, '/data')).toMatchObject({
      ...{ kind: 'gpu', device: null },
    });
    expect(engineOf('tensorflow', settings, '/data').folder).toBe(join('/data', 'engines', 'tensorflow'));
  });

  it('names the store that is told on chain, and none where none is said', () => {
    expect(announcedStoreChosen(defaultSettings)).toBeNull();
    const store = { kind: 'hub', repository: 'me/run' };
    expect(announcedStoreChosen({ ...defaultSettings, 'swarm.store': 'hub:me/run' })).toEqual(store);
  });
});
