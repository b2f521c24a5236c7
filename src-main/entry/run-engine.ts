import type { AddedEngineView, AddingStage, EngineState } from '../../src-shared/contract/page/engines.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { assertNoneRuns, openAddedEngines } from '../added-engines.ts';
import type { EngineOptions } from '../commands/engine.ts';
import { defaultDataDir } from '../data-folder.ts';
import { wantsLog } from './tell.ts';
import { print, printError } from './terminal.ts';

const STAGES: Readonly<Record<AddingStage, string>> = {
  packages: 'Installing packages with npm',
  'own-download': 'Letting the package download its library',
  'library-download': 'Downloading the library',
  'library-unpack': 'Unpacking the library',
  build: 'Compiling the binding',
  try: 'Loading it and trying one gradient',
};

/** Lists, adds or removes engines of a data folder. @returns the exit code */
export async function engineAtTerminal(said: EngineOptions, signal: AbortSignal): Promise<number> {
  const { action, engine } = said;
  if (said.json && action !== 'list')
    throw new AppError('OPTION_NEEDS', { option: '--json', needed: 'list' });
  const dataDir = said.dataDir ?? defaultDataDir();
  const engines = await openAddedEngines(dataDir, {
    log: (line) => void (wantsLog() && printError(line)),
    told: progress(print),
    assertUnused: () => assertNoneRuns(dataDir),
  });
  const stop = () => void engines.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (action === 'list') list(engines.all, said.json);
    else if (engine === null)
      throw new AppError('OPTION_MISSING', { command: `engine ${action}`, option: 'tensorflow' });
    else if (action === 'add') await engines.add(engine);
    else print((await engines.remove(engine)) ? 'It is removed.' : 'It is not there: nothing was removed.');
    if (action === 'add')
      print('It is there. Choose it under Settings, “Train on”; it takes effect with the next run.');
    return 0;
  } finally {
    signal.removeEventListener('abort', stop);
    await engines.stop();
  }
}

function list(engines: readonly AddedEngineView[], json: boolean): void {
  if (json) print(JSON.stringify(engines, null, 2));
  else for (const { id, state } of engines) print(`${id}  ${stateWords(state)}`);
}

function stateWords(state: EngineState): string {
  switch (state.kind) {
    case 'absent':
      return 'not added';
    case 'there':
      return `${state.description}, ${(state.bytes / 1e9).toFixed(1)} GB`;
    case 'adding':
      return 'is being added';
    case 'removing':
      return 'is being removed';
  }
}

/** A line for each stage, and one for each tenth of it that is done. */
export function progress(say: (line: string) => void): (engines: readonly AddedEngineView[]) => void {
  let said = '';
  return ([first]) => {
    if (first?.state.kind !== 'adding') return;
    const { stage, share } = first.state;
    const tenths = share === null ? '' : ` ${Math.floor(share * 10) * 10} %`;
    const line = `${STAGES[stage]} …${tenths}`;
    if (line !== said) say(line);
    said = line;
  };
}
