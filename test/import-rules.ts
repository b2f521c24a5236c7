/** Who may import whom (docs/ARCHITECTURE, the house). Pure, so that the rules themselves can be tested. */
export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  /** Our own files as paths from the root, packages by name. */
  readonly imports: readonly string[];
  readonly hasDefaultExport: boolean;
}

export interface Breach {
  readonly rule: 'direction' | 'electron' | 'node-in-pure' | 'cycle' | 'default-export' | 'absent';
  readonly from: string;
  readonly to: string;
}

/** Services of the host and what lies below each. What all may use stands in `ground`. */
const below: Readonly<Record<string, readonly string[]>> = {
  vault: [],
  supervisor: [],
  store: [],
  settings: [],
  updates: [],
  commands: [],
  logs: [],
  support: ['logs'],
  engines: ['supervisor'],
  network: ['vault'],
  wallet: ['network', 'vault', 'store'],
  join: ['network', 'wallet', 'vault', 'store'],
  scoring: ['network', 'vault', 'store', 'supervisor'],
  rounds: ['network', 'vault', 'store', 'supervisor'],
  earnings: ['network', 'store'],
  economy: ['network', 'store'],
  alerts: ['network', 'store'],
  publishing: ['network', 'vault', 'store', 'supervisor'],
  models: ['publishing', 'supervisor'],
  telemetry: [],
  rules: ['telemetry'],
  card: ['supervisor', 'telemetry', 'store'],
};

/** Folders that only compose, beside host.ts: they use every service, and of each other what stands here. */
const composing: Readonly<Record<string, readonly string[]>> = {
  runs: [],
  view: ['runs'],
  devnet: [],
  moving: ['runs'],
  practice: ['runs', 'view', 'devnet'],
  // What the entries (serve.ts, electron.ts) are made of: command line, host, shell.
  entry: ['moving', 'runs', 'view', 'practice', 'devnet', 'commands', 'shells'],
};

/** Files of the host's root that any service may use: they know no service themselves. */
const ground = new Set(['entry-path.ts', 'version.ts']);

/** Built page, compiled kernels and the like are no sources. */
const isSource = (path: string): boolean => /\.(?:ts|svelte)$/.test(path);
const isOwn = (name: string): boolean => /^(?:src-[a-z]+|assets|tools|bench|test)\//.test(name);

export function breaches(files: readonly SourceFile[]): Breach[] {
  const known = new Set(files.map((file) => file.path));
  const found: Breach[] = [];
  for (const { path: from, imports, hasDefaultExport } of files) {
    if (hasDefaultExport) found.push({ rule: 'default-export', from, to: 'default' });
    for (const to of imports) {
      const rule = isOwn(to) ? ruleForOwn(from, to, known) : ruleForPackage(from, to);
      if (rule) found.push({ rule, from, to });
    }
  }
  return [...found, ...cycles(files)];
}

function ruleForPackage(from: string, name: string): Breach['rule'] | null {
  if (/^electron(?:-store|-updater)?(?:\/|$)/.test(name)) {
    return from.startsWith('src-main/shells/electron/') ? null : 'electron';
  }
  const pure = from.startsWith('src-shared/') || from.startsWith('src-renderer/');
  return pure && name.startsWith('node:') ? 'node-in-pure' : null;
}

function ruleForOwn(from: string, to: string, known: ReadonlySet<string>): Breach['rule'] | null {
  if (!mayImport(from, to)) return 'direction';
  return isSource(to) && !known.has(to) ? 'absent' : null;
}

function mayImport(from: string, to: string): boolean {
  const [fromHouse = '', fromRoom = ''] = from.split('/');
  const [toHouse = '', toRoom = ''] = to.split('/');
  if (fromHouse === 'src-shared') return toHouse === 'src-shared';
  if (toHouse === 'src-shared') return true;
  if (fromHouse === 'src-node') return toHouse === 'src-node';
  if (fromHouse === 'src-renderer') return toHouse === 'src-renderer' || toHouse === 'assets';
  if (toHouse === 'src-node') return true;
  if (fromHouse === 'src-worker') {
    return toHouse === 'src-worker' && toRoom === fromRoom;
  }
  return toHouse === 'src-main' && mayImportInHost(from, to, fromRoom, toRoom);
}

function mayImportInHost(from: string, to: string, fromRoom: string, toRoom: string): boolean {
  if (fromRoom === 'shells') return mayShellImport(from, to);
  if (isRootFile(from) || fromRoom === toRoom || ground.has(toRoom)) return true;
  const lower = composing[fromRoom];
  if (lower) return toRoom in below || lower.includes(toRoom) || isRootFile(to);
  return (below[fromRoom] ?? []).includes(toRoom);
}

const isRootFile = (path: string): boolean => path.split('/').length === 2;

/** A shell knows the host and what shells share, never another shell and never a service. */
function mayShellImport(from: string, to: string): boolean {
  if (to.startsWith('src-main/shells/')) {
    const shell = (path: string) => (path.split('/').length > 3 ? path.split('/')[2] : null);
    return shell(to) === null || shell(to) === shell(from);
  }
  return to === 'src-main/host.ts' || ground.has(to.slice('src-main/'.length));
}

/** Each strongly connected group of files, named by its first file. */
function cycles(files: readonly SourceFile[]): Breach[] {
  const imports = new Map(files.map((file) => [file.path, file.imports]));
  const state = new Map<string, 'open' | 'done'>();
  const found: Breach[] = [];
  const visit = (path: string) => {
    state.set(path, 'open');
    for (const to of imports.get(path) ?? []) {
      if (!imports.has(to)) continue;
      if (state.get(to) === 'open') found.push({ rule: 'cycle', from: path, to });
      else if (!state.has(to)) visit(to);
    }
    state.set(path, 'done');
  };
  for (const { path } of files) if (!state.has(path)) visit(path);
  return found;
}
