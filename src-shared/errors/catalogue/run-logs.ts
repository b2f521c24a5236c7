import type { CatalogueEntry } from './entry.ts';

/** Runs told to other programs: Weights & Biases, TensorBoard. */
export const runLogs = {
  WANDB_NO_KEY: {
    sentence: 'Weights & Biases is turned on, and there is no key for it here.',
    action: 'Copy yours from wandb.ai/authorize into Settings. Rows are kept until then.',
  },
  WANDB_KEY_REFUSED: {
    sentence: 'Weights & Biases does not take this key.',
    action: 'Copy a new one from wandb.ai/authorize into Settings. Rows are kept until then.',
  },
  WANDB_FORBIDDEN: {
    sentence: 'Weights & Biases does not let this key write to {project}.',
    action: 'Choose a team and a project of yours in Settings. Rows are kept until then.',
  },
  WANDB_REFUSED: {
    sentence: 'Weights & Biases refuses what it is sent for {project} (answer {status}).',
    action: 'See to team and project in Settings. Butterfly tries again every ten minutes; rows are kept.',
  },
  WANDB_BUSY: {
    sentence: 'Weights & Biases has no time (answer {status}).',
    action: 'Butterfly tries again by itself. Nothing is lost.',
  },
  WANDB_UNREACHABLE: {
    sentence: 'Weights & Biases does not answer ({why}).',
    action: 'Butterfly tries again by itself. Nothing is lost.',
  },
  WANDB_ANSWER_ODD: {
    sentence: 'What {host} answers is nothing that Weights & Biases says.',
    action: 'See to the address in Settings. Rows are kept until then.',
  },
  WANDB_AWAY: {
    sentence: 'Weights & Biases cannot be reached since {since} UTC. Nothing is lost: rows wait here.',
    action: 'See to the network if others are away too. What waits is sent as soon as it answers.',
  },
  WANDB_STOPPED_GOES_ON: {
    sentence: 'The run was stopped in Weights & Biases. Training goes on, as Settings say.',
    action: 'Pause the run here if you want it to rest.',
  },
  WANDB_STOPPED_PAUSES: {
    sentence: 'The run was stopped in Weights & Biases. Training rests, as Settings say.',
    action: 'Resume the run here when it is to go on.',
  },
  EVENT_FILE_TORN: {
    sentence: 'The end of {path}, which TensorBoard reads, was torn. What was torn lies at {movedTo}.',
    action: 'Nothing needs to be done: the rows that were in it are written again.',
  },
  EVENT_FOLDER_IN_USE: {
    sentence: 'Another Butterfly writes files for TensorBoard into {path} now.',
    action: 'Rows are kept until it ends. Choose another folder if both are to write.',
  },
  EVENT_FOLDER_NO_LOCK: {
    sentence: 'The disk of {path} cannot lock files, so nobody could keep two writers apart there.',
    action: 'Choose a folder on another disk for the files of TensorBoard. Rows are kept until then.',
  },
  RUN_LOG_OLDER: {
    sentence: 'What runs went through was last written by an older Butterfly.',
    action: 'Start Butterfly once on that data folder: it brings it up to date.',
  },
  RUN_LOG_NO_RUN: {
    sentence: 'No run of this data folder has rows to export: {path}.',
    action: 'Name the data folder with --data-dir, and a run of it with --run.',
  },
} as const satisfies Record<string, CatalogueEntry>;
