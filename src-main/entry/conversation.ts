import { createInterface } from 'node:readline/promises';
import type { ReadStream } from 'node:tty';
import { orAbort } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';

/** Question and answer with the person at a terminal. */
export interface Conversation {
  say(line: string): void;
  /** @throws {AppError} CANCELLED when the person leaves */
  ask(question: string): Promise<string>;
  /** The same for what nobody may read over a shoulder: UTF-8, exactly as it was typed. */
  askHidden(question: string): Promise<Uint8Array>;
  /** Takes back what was said since the last `ask`, and what the screen kept of it. */
  clear(): void;
}

const [ENTER, NEW_LINE, INTERRUPT, END, BACKSPACE, DELETE] = ['\r', '\n', '\u0003', '\u0004', '\b', '\u007f'];
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal sends for them
const CURSOR_KEYS = /\u001b(?:\[[\d;]*[A-Za-z~]|O[A-Za-z])/g;
/** Erases the screen and what can be scrolled back to, and begins at its top. */
const CLEAR = '\u001b[2J\u001b[3J\u001b[H';

/**
 * @throws {AppError} TERMINAL_NEEDED where input or output is a file or a pipe: a password that stands in a script or
 * in a shell's history is no secret
 */
export function terminalConversation(
  input: ReadStream,
  output: NodeJS.WriteStream,
  signal: AbortSignal,
): Conversation {
  if (!input.isTTY || !output.isTTY) throw new AppError('TERMINAL_NEEDED');
  const say = (line: string) => void output.write(`${line}\n`);
  return {
    say,
    async ask(question) {
      const lines = createInterface({ input, output });
      try {
        const left = new Promise<never>((_, reject) =>
          lines
            .once('SIGINT', () => reject(new AppError('CANCELLED')))
            .once('close', () => reject(new AppError('CANCELLED'))),
        );
        return await orAbort(Promise.race([lines.question(`${question} `), left]), signal);
      } finally {
        lines.close();
      }
    },
    async askHidden(question) {
      // Before the question: whoever answers at once is not to see it either.
      input.setRawMode(true);
      input.resume();
      output.write(`${question} `);
      try {
        return new TextEncoder().encode(await orAbort(hiddenLine(input), signal));
      } finally {
        input.setRawMode(false);
        input.pause();
        output.write('\n');
      }
    },
    clear: () => void output.write(CLEAR),
  };
}

/** What is typed up to Enter, letter by letter: nothing of it is shown. */
function hiddenLine(input: ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    const line = hiddenInput();
    const decoder = new TextDecoder();
    function hear(chunk: Buffer): void {
      const typed = line(decoder.decode(chunk, { stream: true }));
      if (typed === 'more') return;
      input.off('data', hear);
      if (typed === 'left') reject(new AppError('CANCELLED'));
      else resolve(typed.line);
    }
    input.on('data', hear);
  });
}

/** Puts a line together from what a terminal without echo sends; keys that only move a cursor are no part of it. */
export function hiddenInput(): (text: string) => 'more' | 'left' | { readonly line: string } {
  let typed: string[] = [];
  return (text) => {
    for (const letter of text.replace(CURSOR_KEYS, '')) {
      if (letter === ENTER || letter === NEW_LINE) return { line: typed.join('') };
      if (letter === INTERRUPT || letter === END) return 'left';
      if (letter === BACKSPACE || letter === DELETE) typed = typed.slice(0, -1);
      else typed.push(letter);
    }
    return 'more';
  };
}
