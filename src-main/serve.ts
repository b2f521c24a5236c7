import { askThroughProxies } from '../src-node/own-proxies.ts';
import { callProgram } from '../src-shared/program-name.ts';
import { commandLineOrExit } from './commands/command-line.ts';
import { exitCodeOf } from './commands/exit-codes.ts';
import { programOf } from './commands/program.ts';
import { type Asked, isControl, isMoney } from './commands/table.ts';
import { endOnSignals, outliveTerminal } from './entry/ending.ts';
import { tell } from './entry/tell.ts';

/** The entry without a window: every command of the table, each loaded when it is asked for. */
callProgram(programOf(process.env));
askThroughProxies(process.env);
const { asked } = commandLineOrExit(process.argv.slice(2));
outliveTerminal();
let exitCode = 0;
exitCode = (await run(asked).catch(failed)) || exitCode;
// Nothing is left to wait for; a handle that some library keeps must not hold the terminal.
process.exit(exitCode);

async function run(command: Asked): Promise<number> {
  if (command.name === 'completion') {
    const { completionAtTerminal } = await import('./entry/run-completion.ts');
    return completionAtTerminal(command.said);
  }
  if (isControl(command)) {
    const { askRunningHost } = await import('./entry/ask-running-host.ts');
    return askRunningHost(command);
  }
  const ending = endOnSignals();
  // What nobody caught is told like any other error, and what runs is stopped in order all the same.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (thrown: unknown) => {
      exitCode = failed(thrown);
      ending.ask();
    });
  }
  if (command.name === 'logs') {
    const { logsAtTerminal } = await import('./entry/run-logs.ts');
    return logsAtTerminal(command.said, Date.now(), ending.signal);
  }
  if (command.name === 'support-bundle') {
    const { supportBundleAtTerminal } = await import('./entry/run-support-bundle.ts');
    return supportBundleAtTerminal(command.said, ending.signal);
  }
  if (command.name === 'devnet') {
    const { devnetAtTerminal } = await import('./entry/run-devnet.ts');
    return devnetAtTerminal(command.said, ending);
  }
  if (command.name === 'engine') {
    const { engineAtTerminal } = await import('./entry/run-engine.ts');
    return engineAtTerminal(command.said, ending.signal);
  }
  if (command.name === 'benchmark') {
    const { benchmarkAtTerminal } = await import('./entry/run-benchmark.ts');
    return benchmarkAtTerminal(command.said, ending.signal);
  }
  if (command.name === 'wallet') {
    const { walletAtTerminal } = await import('./entry/run-wallet.ts');
    return walletAtTerminal(command.said, ending.signal);
  }
  if (command.name === 'token') {
    const { tokenAtTerminal } = await import('./entry/run-token.ts');
    return tokenAtTerminal(command.said, ending.signal);
  }
  if (command.name === 'earnings') {
    const { earningsAtTerminal } = await import('./entry/run-earnings.ts');
    return earningsAtTerminal(command.said, Date.now());
  }
  if (command.name === 'portfolio') {
    const { portfolioAtTerminal } = await import('./entry/run-portfolio.ts');
    return portfolioAtTerminal(command.said, ending.signal);
  }
  if (command.name === 'model') {
    const { modelAtTerminal } = await import('./entry/run-model.ts');
    return modelAtTerminal(command.said, ending.signal);
  }
  if (command.name === 'models') {
    const { modelsAtTerminal } = await import('./entry/run-models.ts');
    return modelsAtTerminal(command.said, ending.signal);
  }
  if (command.name === 'history') {
    const { historyAtTerminal } = await import('./entry/run-history.ts');
    return historyAtTerminal(command.said, ending.signal);
  }
  if (command.name === 'run') {
    const { ownRunAtTerminal } = await import('./entry/run-own.ts');
    return ownRunAtTerminal(command.said, ending.signal);
  }
  if (command.name === 'move') {
    const { moveAtTerminal } = await import('./entry/run-move.ts');
    return moveAtTerminal(command.said, ending.signal);
  }
  if (command.name === 'reset') {
    const { resetAtTerminal } = await import('./entry/run-reset.ts');
    return resetAtTerminal(command.said, ending.signal);
  }
  if (isMoney(command)) {
    const { moneyAtTerminal } = await import('./entry/money/run-money.ts');
    return moneyAtTerminal(command, ending.signal);
  }
  const { serveHost } = await import('./entry/serve-host.ts');
  return serveHost(command, ending);
}

function failed(thrown: unknown): number {
  tell(thrown);
  return exitCodeOf(thrown);
}
