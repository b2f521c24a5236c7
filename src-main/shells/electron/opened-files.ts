import { app } from 'electron';
import * as v from 'valibot';

/** No system has longer paths. */
const PATH_CHARS_MAX = 32_767;

/** What a second start says to the app that runs. Chromium reorders its words, so the file is not looked for in them. */
const saidSchema = v.object({ file: v.pipe(v.string(), v.minLength(1), v.maxLength(PATH_CHARS_MAX)) });
export type SaidToRunning = v.InferOutput<typeof saidSchema>;

/** Files that somebody double-clicks while the app runs or starts. */
export interface OpenedFiles {
  /** Hands them over from now on; of those that came before, the last: the page shows one. */
  serve(open: (path: string) => void): void;
}

/** Listens from the first moment: macOS names the file that an app is started with before anything else is there. */
export function openedFiles(): OpenedFiles {
  let waiting: string | null = null;
  let hand = (path: string): void => {
    waiting = path;
  };
  app.on('open-file', (event, path) => {
    event.preventDefault();
    hand(path);
  });
  app.on('second-instance', (_event, _words, _folder, said: unknown) => {
    const read = v.safeParse(saidSchema, said);
    if (read.success) hand(read.output.file);
  });
  return {
    serve(open) {
      hand = open;
      if (waiting !== null) open(waiting);
      waiting = null;
    },
  };
}
