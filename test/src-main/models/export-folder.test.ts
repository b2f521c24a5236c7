import { dirname, join, resolve } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { exportFolder } from '../../../src-main/models/export-folder.ts';

const within = resolve('/media/disk');

it('a model is exported to a folder that says its run and state', () => {
  const folder = exportFolder({ runName: 'SN38 GPT-2 (124M)', tag: '1.222.30' }, within);
  expect(folder).toBe(join(within, 'SN38-GPT-2-124M-1.222.30'));
  expect(exportFolder({ runName: '训练', tag: '1.2.3' }, within)).toBe(join(within, 'model-1.2.3'));
});

it('whatever its publisher calls the run, the folder lies in the chosen one', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom('..', '../..', '/etc', 'C:\\x', '.ssh')), (runName) => {
      const folder = exportFolder({ runName, tag: '1.2.3' }, within);
      expect(dirname(folder)).toBe(within);
      expect(folder.length).toBeLessThan(within.length + 80);
    }),
  );
});
