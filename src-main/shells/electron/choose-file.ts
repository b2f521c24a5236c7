import { join } from 'node:path';
import { app, dialog } from 'electron';
import { endsWithin } from '../../../src-node/waits.ts';
import type { FileChooser } from '../../../src-shared/contract/page/api.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { CHOICE_TOLD_MS } from './limits.ts';

type Kind = Parameters<FileChooser>[0];
const NAME = 'butterfly.move';
const FILTERS = [
  { name: 'Butterfly', extensions: ['move'] },
  { name: '*', extensions: ['*'] },
];

interface Asking {
  readonly name: string;
  readonly answer: Promise<string | null>;
  isOver: boolean;
}
/** The window that was opened last; kept when it is closed, until another is opened, for who asks once more. */
let last: Asking | null = null;

/** The system's own window: for a file to be written where nothing lies yet or to be read, or a folder. One at a time. */
export const chooseFile: FileChooser = async (kind, name) => {
  if (last?.name !== name) {
    if (last && !last.isOver)
      throw new AppError('NOT_NOW', { what: 'A second window for a file', state: 'choosing' });
    last = begin(kind, name);
  }
  const { answer } = last;
  if (!(await endsWithin(answer, CHOICE_TOLD_MS))) return { kind: 'open' };
  const path = await answer;
  return path === null ? { kind: 'none' } : { kind: 'chosen', path };
};

function begin(kind: Kind, name: string): Asking {
  const answer = asked[kind]();
  const asking: Asking = { name, answer, isOver: false };
  const over = () => {
    asking.isOver = true;
  };
  answer.then(over, over);
  return asking;
}

async function placeToWrite(): Promise<string | null> {
  const defaultPath = join(app.getPath('documents'), NAME);
  const { canceled, filePath } = await dialog.showSaveDialog({ defaultPath, filters: FILTERS });
  return canceled || filePath === '' ? null : filePath;
}

async function fileToRead(): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog({ filters: FILTERS, properties: ['openFile'] });
  return canceled ? null : (filePaths[0] ?? null);
}

async function folder(): Promise<string | null> {
  const defaultPath = app.getPath('documents');
  const { canceled, filePaths } = await dialog.showOpenDialog({
    defaultPath,
    properties: ['openDirectory', 'createDirectory'],
  });
  return canceled ? null : (filePaths[0] ?? null);
}

const asked: Readonly<Record<Kind, () => Promise<string | null>>> = {
  out: placeToWrite,
  in: fileToRead,
  folder,
};
