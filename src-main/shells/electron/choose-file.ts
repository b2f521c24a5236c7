import { join } from 'node:path';
import { app, dialog } from 'electron';
import type { HostApi } from '../../../src-shared/contract/page/api.ts';

const NAME = 'butterfly.move';
const FILTERS = [
  { name: 'Butterfly', extensions: ['move'] },
  { name: '*', extensions: ['*'] },
];

/** The system's own window for a file: to be written where nothing lies yet, or to be read. */
export const chooseMoveFile: HostApi['chooseMoveFile'] = async (kind) => {
  if (kind === 'out') {
    const { canceled, filePath } = await dialog.showSaveDialog({
      defaultPath: join(app.getPath('documents'), NAME),
      filters: FILTERS,
    });
    return canceled || filePath === '' ? null : filePath;
  }
  const { canceled, filePaths } = await dialog.showOpenDialog({ filters: FILTERS, properties: ['openFile'] });
  return canceled ? null : (filePaths[0] ?? null);
};
