import { format } from 'node:util';

/** What would be said outside of the log while a host runs, brought into it: one log that tells everything. */
type Write = (line: string) => void;

const methods = ['debug', 'log', 'info', 'warn', 'error', 'trace'] as const;

/** What we or a library print goes to the log, not to the terminal. @returns a function that ends it */
export function captureConsole(write: Write): () => void {
  const real = Object.fromEntries(methods.map((method) => [method, console[method]]));
  for (const method of methods) console[method] = (...said: unknown[]) => write(format(...said));
  return () => void Object.assign(console, real);
}

/**
 * What nobody caught is written down with its stack; what becomes of the process is decided elsewhere. Without a
 * listener of ours Node would end the process at a rejection, so there must be another one.
 * @returns a function that ends it
 */
export function captureUnexpected(write: Write): () => void {
  const onError = (thrown: unknown, origin: string) => write(format('%s:', origin, thrown));
  const onRejection = (thrown: unknown) => onError(thrown, 'unhandledRejection');
  process.on('uncaughtExceptionMonitor', onError);
  process.on('unhandledRejection', onRejection);
  return () => {
    process.off('uncaughtExceptionMonitor', onError);
    process.off('unhandledRejection', onRejection);
  };
}
