import { execFile } from 'node:child_process';
import { SENSOR_TEXT_MAX } from './limits.ts';

/** What a tool said: its text; `absent` where there is none; `failed` where it failed or had to be killed. */
export type ToolAnswer = { readonly text: string } | 'absent' | 'failed';

/**
 * Asks a program where it lies on the path for a text, on any system.
 * @param limitMs one that hangs is killed then, and not kindly
 * @param textMax a longer answer counts as failed
 */
export const askTool = (
  file: string,
  words: readonly string[],
  signal: AbortSignal,
  limitMs: number,
  textMax = SENSOR_TEXT_MAX,
): Promise<ToolAnswer> =>
  new Promise((resolve) => {
    const limits = {
      signal,
      timeout: limitMs,
      killSignal: 'SIGKILL',
      maxBuffer: textMax,
      windowsHide: true,
    } as const;
    execFile(file, words, limits, (error, text) => {
      if (error) resolve('code' in error && error.code === 'ENOENT' ? 'absent' : 'failed');
      else resolve({ text });
    });
  });
