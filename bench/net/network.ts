import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ip } from './ip.ts';
import { BURST_BYTES, PLACES_MAX, QUEUE_MS } from './limits.ts';

/** What a place's line lets out and in; null: as much as the machine does. */
export interface Line {
  readonly upBitsPerS: number | null;
  /** Without it what comes in is not held up. */
  readonly downBitsPerS?: number | null;
}

/** A network namespace with one line to all others, and an address on it. */
export interface Place {
  readonly address: string;
  /** Runs a program of ours there. It ends when it is told so, or with this process. */
  fork(module: URL, args?: readonly string[]): ChildProcess;
  /** Gives it another line. */
  shape(line: Line): Promise<void>;
  /** Bytes that came over its line since it was made. */
  cameBytes(): Promise<number>;
  /** Pulls the cable, or plugs it in again: nobody is told, bytes just stay away. */
  plug(isIn: boolean): Promise<void>;
}

export interface Network {
  readonly places: readonly Place[];
  /**
   * An address that counts as this computer and leads from one place over its line to another: Butterfly speaks without
   * encryption to nobody else.
   */
  loopbackTo(from: Place, to: Place): Promise<string>;
  /** Takes all of it away. */
  stop(): Promise<void>;
}

const PREFIX = 'butterfly-bench';
const SUBNET = '10.77.0';

/**
 * Namespaces around a switch that is one, too: nothing of it touches the networks of the machine. What an earlier process
 * left that was killed goes first.
 * @throws {Error} of iproute2, with nothing left behind
 */
export async function openNetwork(lines: readonly Line[]): Promise<Network> {
  if (lines.length > PLACES_MAX) throw new RangeError(`${PLACES_MAX} places at most`);
  await dropOfTheDead();
  const made: string[] = [];
  const stop = async () => {
    for (const name of made.splice(0).reverse()) await ip('ip', 'netns', 'del', name);
  };
  const make = async (what: string) => {
    const name = `${PREFIX}-${process.pid}-${what}`;
    await ip('ip', 'netns', 'add', name);
    made.push(name);
    await ip('ip', '-n', name, 'link', 'set', 'lo', 'up');
    return name;
  };
  try {
    const hub = await make('switch');
    await ip('ip', '-n', hub, 'link', 'add', 'name', 'bridge0', 'type', 'bridge');
    await ip('ip', '-n', hub, 'link', 'set', 'bridge0', 'up');
    const places: (Place & { readonly name: string })[] = [];
    for (const [index, line] of lines.entries()) {
      const name = await make(String(index));
      const address = `${SUBNET}.${index + 1}`;
      const port = `port${index}`;
      await connect({ hub, name, address, port });
      await shape({ hub, name, port }, line);
      places.push({
        ...{ name, address, fork: (module, args = []) => forkIn(name, module, args) },
        shape: (other) => shape({ hub, name, port }, other),
        cameBytes: () => cameBytesOf(name),
        // The other end of the cable: with its own end gone a computer would know, and forget its addresses.
        plug: async (isIn) =>
          void (await ip(
            'ip',
            '-n',
            hub,
            'link',
            'set',
            port,
            isIn ? 'master' : 'nomaster',
            ...(isIn ? ['bridge0'] : []),
          )),
      });
    }
    const nameOf = (place: Place) => places.find((one) => one === place)!.name;
    return {
      ...{ places, stop },
      loopbackTo: (from, to) => aliasOf(nameOf(from), nameOf(to), places.indexOf(to as (typeof places)[0])),
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function connect({
  hub,
  name,
  address,
  port,
}: Readonly<Record<'hub' | 'name' | 'address' | 'port', string>>): Promise<void> {
  await ip(
    'ip',
    ...['link', 'add', 'name', 'eth0', 'netns', name, 'type', 'veth'],
    ...['peer', 'name', port, 'netns', hub],
  );
  await ip('ip', '-n', hub, 'link', 'set', port, 'master', 'bridge0', 'up');
  await ip('ip', '-n', name, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
  await ip('ip', '-n', name, 'link', 'set', 'eth0', 'up');
}

async function shape(
  { hub, name, port }: Readonly<Record<'hub' | 'name' | 'port', string>>,
  { upBitsPerS, downBitsPerS = null }: Line,
): Promise<void> {
  for (const [at, dev, bitsPerS] of [[name, 'eth0', upBitsPerS] as const, [hub, port, downBitsPerS] as const])
    if (bitsPerS !== null)
      await ip(
        'tc',
        ...['-n', at, 'qdisc', 'replace', 'dev', dev, 'root', 'tbf'],
        ...['rate', `${bitsPerS}bit`, 'burst', `${BURST_BYTES}b`, 'latency', `${QUEUE_MS}ms`],
      );
}

async function cameBytesOf(name: string): Promise<number> {
  const [shown] = JSON.parse(await ip('ip', '-n', name, '-j', '-s', 'link', 'show', 'eth0')) as [
    { readonly stats64: { readonly rx: { readonly bytes: number } } },
  ];
  return shown.stats64.rx.bytes;
}

/** Addresses of loopback are let onto the line, and all but one of them are no longer the place's own. */
async function aliasOf(from: string, to: string, index: number): Promise<string> {
  const alias = `127.9.0.${index + 1}`;
  for (const name of [from, to])
    await ip('ip', 'netns', 'exec', name, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet');
  await ip('ip', '-n', to, 'addr', 'add', `${alias}/32`, 'dev', 'eth0');
  await ip('ip', '-n', from, 'route', 'del', 'local', '127.0.0.0/8', 'dev', 'lo', 'table', 'local');
  const shown = await ip('ip', '-n', from, '-4', 'addr', 'show', 'eth0');
  const [, own = ''] = /inet ([\d.]+)\//.exec(shown) ?? [];
  await ip('ip', '-n', from, 'route', 'add', alias, 'dev', 'eth0', 'src', own);
  return alias;
}

/** The process is Node's from its first moment on: `ip` gives it its own place and is gone. */
const forkIn = (name: string, module: URL, args: readonly string[]): ChildProcess =>
  fork(fileURLToPath(module), args, {
    execPath: 'ip',
    execArgv: ['netns', 'exec', name, process.execPath, '--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });

async function dropOfTheDead(): Promise<void> {
  for (const line of (await ip('ip', 'netns', 'list')).split('\n')) {
    const [name = '', pid] = new RegExp(`^${PREFIX}-(\\d+)-\\w+`).exec(line) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) await ip('ip', 'netns', 'del', name);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
