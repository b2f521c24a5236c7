import { join } from 'node:path';
import type { AddedEngineId } from '../../src-shared/contract/page/engines.ts';

export const enginesFolder = (dataDir: string): string => join(dataDir, 'engines');

/** Folder of an engine that a user added. It is there whole or not at all. */
export const engineFolder = (dataDir: string, id: AddedEngineId): string => join(enginesFolder(dataDir), id);
