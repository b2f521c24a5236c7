import { AppError, describeError } from '../src-shared/errors/app-error.ts';

/** What the command line asks for. `null` means "not said". */
export interface HostOptions {
  readonly help: boolean;
  /** 0 takes any free port. */
  readonly port: number;
  readonly open: boolean;
  readonly dataDir: string | null;
  readonly profile: string | null;
  readonly headless: boolean;
  readonly practice: boolean;
  readonly rounds: number | null;
  readonly json: string | null;
  /** null: not said; headless practice then has a free rider. */
  readonly adversary: 'free-rider' | 'none' | null;
}

const defaults: HostOptions = {
  help: false,
  port: 0,
  open: true,
  dataDir: null,
  profile: null,
  headless: false,
  practice: false,
  rounds: null,
  json: null,
  adversary: null,
};

/** What an option does to the options; `null` when it does not accept the value. */
interface Option {
  /** Name of the value in the help text; absent for a switch. */
  readonly value?: string;
  readonly help: string;
  apply(value: string): Partial<HostOptions> | null;
}

const integer = (text: string, least: number, most: number): number | null => {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : null;
};

const table: Readonly<Record<string, Option>> = {
  '--help': { help: 'Show this list.', apply: () => ({ help: true }) },
  '--port': {
    value: 'PORT',
    help: 'Serve the page on this port of 127.0.0.1 (default: any free one).',
    apply: (text) => {
      const port = integer(text, 0, 65_535);
      return port === null ? null : { port };
    },
  },
  '--no-open': {
    help: 'Open no window and no browser; print the address.',
    apply: () => ({ open: false }),
  },
  '--data-dir': {
    value: 'FOLDER',
    help: 'Keep keys, databases and model states there.',
    apply: (text) => (text === '' ? null : { dataDir: text }),
  },
  '--profile': {
    value: 'NAME',
    help: 'Run profile to start with.',
    apply: (text) => (text === '' ? null : { profile: text }),
  },
  '--headless': { help: 'Run without a page.', apply: () => ({ headless: true, open: false }) },
  '--practice': {
    help: 'Start practice at once: a local chain, companions and a validator.',
    apply: () => ({ practice: true }),
  },
  '--rounds': {
    value: 'N',
    help: 'Leave after N rounds of headless practice.',
    apply: (text) => {
      const rounds = integer(text, 1, 1_000_000);
      return rounds === null ? null : { rounds };
    },
  },
  '--json': {
    value: 'FILE',
    help: 'Write the report of headless practice there.',
    apply: (text) => (text === '' ? null : { json: text }),
  },
  '--adversary': {
    value: 'NAME',
    help: 'Make one practice companion dishonest (free-rider, the default of --rounds), or none.',
    apply: (text) => (text === 'free-rider' || text === 'none' ? { adversary: text } : null),
  },
};

/**
 * Reads `--name value` and `--name=value`.
 * @throws {AppError} OPTION_UNKNOWN, OPTION_INVALID
 */
export function parseOptions(args: readonly string[]): HostOptions {
  let options = defaults;
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [name = '', inline] = splitOnce(word);
    const option = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!option) throw new AppError('OPTION_UNKNOWN', { option: name });
    if (!option.value && inline !== undefined) {
      throw new AppError('OPTION_INVALID', { option: name, value: `“${inline}”` });
    }
    const value = option.value ? (inline ?? rest.shift()) : '';
    if (value === undefined) throw new AppError('OPTION_INVALID', { option: name, value: 'nothing' });
    const applied = option.apply(value);
    if (!applied) throw new AppError('OPTION_INVALID', { option: name, value: `“${value}”` });
    options = { ...options, ...applied };
  }
  return options;
}

function splitOnce(word: string): [string, string | undefined] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

export function helpText(): string {
  const lines = Object.entries(table).map(
    ([name, { value, help }]) => `  ${`${name}${value ? ` ${value}` : ''}`.padEnd(20)} ${help}`,
  );
  return ['Usage: npm start -- [options]', '', ...lines].join('\n');
}

/** The dishonest companion that was asked for; a headless practice of counted rounds tests itself against one. */
export function adversaryOf(options: HostOptions): 'free-rider' | null {
  if (options.adversary) return options.adversary === 'none' ? null : options.adversary;
  return options.headless && options.practice && options.rounds ? 'free-rider' : null;
}

/** The options, or an exit: 0 after the help text, 2 after a sentence and an action about what was wrong. */
export function optionsOrExit(args: readonly string[]): HostOptions {
  try {
    const options = parseOptions(args);
    if (!options.help) return options;
    console.log(helpText());
    process.exit(0);
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const { sentence, action } = describeError(thrown);
    console.error(`${sentence} ${action}`);
    process.exit(2);
  }
}
