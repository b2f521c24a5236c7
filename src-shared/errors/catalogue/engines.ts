import type { CatalogueEntry } from './entry.ts';

/** Training engines that a user adds. */
export const engines = {
  ENGINE_ABSENT: {
    sentence: 'The {engine} engine is not on this computer.',
    action: 'Add it: {program} engine add tensorflow.',
  },
  ENGINE_BROKEN: {
    sentence: 'The {engine} engine lies at {path}, and cannot be loaded.',
    action: 'Remove it and add it again; the log says what failed.',
  },
  ENGINE_DIED: {
    sentence: '{engine} ended the whole process twice within ten minutes, while it was being started.',
    action: 'It is tried again in a week; the log says what it printed.',
  },
  ENGINE_TENSORFLOW_FELL_BACK: {
    sentence: 'The processor trains, because TensorFlow cannot. {why}',
    action: 'Add the engine again, or choose the processor in Settings. Nothing is lost.',
  },
  ENGINE_BUSY: {
    sentence: 'This engine is being added or removed already.',
    action: 'Wait until that is done; another Butterfly on this data folder may be at it.',
  },
  ENGINE_IN_USE: {
    sentence: 'The {engine} engine is in use, so it was neither removed nor replaced.',
    action:
      'Stop the run or the measurement that computes with it, or let it start on another engine; then ask again.',
  },
  ENGINE_NPM_MISSING: {
    sentence: 'The TensorFlow engine is installed by npm, and there is no npm on this computer.',
    action: 'Install Node.js from nodejs.org, which brings npm, and add the engine again.',
  },
  ENGINE_COMPILER_MISSING: {
    sentence:
      'TensorFlow’s own download did not work, and the other way needs a C++ compiler, which is not here.',
    action: 'Install g++ (Debian and Ubuntu: sudo apt install g++) and add the engine again.',
  },
  ENGINE_STEP_FAILED: {
    sentence: 'Adding the engine stopped: {program} did not succeed ({reason}).',
    action: 'The log says what it printed. See to it that the network is there, and add the engine again.',
  },
  ENGINE_DOWNLOAD_FAILED: {
    sentence: 'The download of {file} broke off.',
    action: 'Add the engine again: what has arrived is kept, and the download goes on from there.',
  },
  ENGINE_DOWNLOAD_DAMAGED: {
    sentence: '{file} arrived, and is not what it has to be.',
    action:
      'It was thrown away. Add the engine again; if that happens twice, something on the way changes it.',
  },
  ENGINE_NO_ROOM: {
    sentence: 'The engine needs {neededGb} GB, and the disk that holds {path} has less.',
    action: 'Free some space and add the engine again.',
  },
} as const satisfies Record<string, CatalogueEntry>;
