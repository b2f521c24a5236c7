import type { CatalogueEntry } from './entry.ts';

/** Training engines that a user adds. */
export const engines = {
  ENGINE_ABSENT: {
    sentence: 'The {engine} engine is not on this computer.',
    action: 'Add it: npm start -- engine add tensorflow.',
  },
  ENGINE_BROKEN: {
    sentence: 'The {engine} engine lies at {path}, and cannot be loaded.',
    action: 'Remove it and add it again; the log says what failed.',
  },
  ENGINE_TENSORFLOW_FELL_BACK: {
    sentence: 'TensorFlow is not used ({reason}), so the processor trains.',
    action: 'Add the engine again, or choose the processor in Settings. Nothing is lost.',
  },
} as const satisfies Record<string, CatalogueEntry>;
