import { chain } from './catalogue/chain.ts';
import { commandLine } from './catalogue/command-line.ts';
import { engines } from './catalogue/engines.ts';
import { general } from './catalogue/general.ts';
import { models } from './catalogue/models.ts';
import { money } from './catalogue/money.ts';
import { rounds } from './catalogue/rounds.ts';
import { runLogs } from './catalogue/run-logs.ts';
import { start } from './catalogue/start.ts';
import { stores } from './catalogue/stores.ts';
import { text } from './catalogue/text.ts';
import { updates } from './catalogue/updates.ts';
import { vault } from './catalogue/vault.ts';

export type { CatalogueEntry } from './catalogue/entry.ts';

/** Every error the app can show, one file for each part. Codes are stable; sentences may change. */
export const errorCatalogue = {
  ...general,
  ...start,
  ...engines,
  ...commandLine,
  ...chain,
  ...money,
  ...models,
  ...vault,
  ...rounds,
  ...stores,
  ...text,
  ...updates,
  ...runLogs,
} as const;

export type ErrorCode = keyof typeof errorCatalogue;
