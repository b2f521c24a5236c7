import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const run = (program: 'ip' | 'iptables', line: string): void =>
  void execFileSync(program, line.split(' '), { stdio: 'pipe' });
const inside = (space: string, line: string): void => run('ip', `netns exec ${space} ${line}`);
const NODE = fileURLToPath(new URL('./nat-node.ts', import.meta.url));
const PREFIX = 'butterfly-nat';
const PORT = 4_001;

/**
 * `port-restricted`: a router gives one outer port to one inner port, and lets in only what answers to it. `symmetric`:
 * it gives another outer port for each goal.
 */
export type RouterKind = 'port-restricted' | 'symmetric';

/** Members of the rig by number: the public one, and two behind a router each. */
export const MEMBERS = ['public', 'left', 'right'] as const;
export type Member = (typeof MEMBERS)[number];

interface Told {
  readonly name?: string;
  readonly payload?: unknown;
  readonly atMs: number;
}

/** A node in its place, and what it has told. */
export class RiggedNode {
  readonly told: Told[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #end: () => Promise<void>;
  #stopped: Promise<void> | null = null;

  constructor(child: ReturnType<typeof spawn>) {
    const gone = once(child, 'close');
    createInterface({ input: child.stdout! }).on('line', (line) => this.#hear(JSON.parse(line)));
    createInterface({ input: child.stderr! }).on('line', (payload) => this.#hear({ name: 'log', payload }));
    this.#end = async () => {
      // The end of its input is its sign to leave.
      child.stdin!.end();
      await gone;
    };
  }

  /** The first that fits, heard or to come; whoever waits has a limit of its own. */
  heard(fits: (told: Told) => boolean): Promise<Told> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.told.find(fits);
        if (!found) return;
        this.#watchers.delete(look);
        resolve(found);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Until its reachability is so. */
  reachability(fits: (now: Record<string, unknown>) => boolean): Promise<Told> {
    return this.heard(({ name, payload }) => name === 'reachability' && fits(payload as never));
  }

  /** Until it is ready for others. */
  ready(): Promise<Told> {
    return this.heard((told) => 'addresses' in told && told.name === undefined);
  }

  #hear(told: Omit<Told, 'atMs'>): void {
    this.told.push({ ...told, atMs: performance.now() });
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Twice does no harm. */
  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }
}

/** Homes behind routers that are namespaces, around a network that stands for the world: root on Linux, `ip`, `iptables`. */
export class NatRig {
  readonly #kind: RouterKind;
  readonly #nodes: RiggedNode[] = [];
  static #built = 0;
  readonly #tag = `${PREFIX}-${process.pid}-${NatRig.#built++}`;

  constructor(kind: RouterKind) {
    this.#kind = kind;
  }

  /** Why no such rig can be made here; null where one can. */
  static whyNot(): string | null {
    if (process.platform !== 'linux') return 'namespaces of networks are Linux’s';
    if (process.getuid?.() !== 0) return 'namespaces of networks want root';
    const rig = new NatRig('symmetric');
    try {
      rig.build();
      return null;
    } catch (thrown) {
      return `iproute2 and iptables are wanted: ${String((thrown as { stderr?: unknown }).stderr ?? thrown)}`;
    } finally {
      rig.#drop();
    }
  }

  /** @throws where the kernel or the system refuses */
  build(): void {
    for (const name of [...MEMBERS, 'world', 'left-router', 'right-router']) {
      run('ip', `netns add ${this.#space(name)}`);
      run('ip', `-n ${this.#space(name)} link set lo up`);
    }
    const world = this.#space('world');
    run('ip', `-n ${world} link add bridge0 type bridge`);
    run('ip', `-n ${world} link set bridge0 up`);
    this.#toWorld('public', 9);
    for (const [at, name] of (['left', 'right'] as const).entries()) {
      this.#toWorld(`${name}-router`, at + 1);
      this.#home(name, `10.${at + 1}.0`);
    }
  }

  start(member: Member, port: number = PORT): RiggedNode {
    const bootstrap = member === 'public' ? [] : [`/ip4/198.51.100.9/tcp/${PORT}`];
    const args = [String(MEMBERS.indexOf(member)), String(MEMBERS.length), String(port), ...bootstrap];
    const child = spawn(
      'ip',
      [
        'netns',
        'exec',
        this.#space(member),
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        NODE,
        ...args,
      ],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    const node = new RiggedNode(child);
    this.#nodes.push(node);
    return node;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#nodes.splice(0).map((node) => node.stop()));
    this.#drop();
  }

  #toWorld(name: string, host: number): void {
    const [space, world] = [this.#space(name), this.#space('world')];
    run('ip', `link add eth0 netns ${space} type veth peer name port${host} netns ${world}`);
    run('ip', `-n ${world} link set port${host} master bridge0 up`);
    run('ip', `-n ${space} addr add 198.51.100.${host}/24 dev eth0`);
    run('ip', `-n ${space} link set eth0 up`);
    // Also the way of multicast, which finds nobody there.
    run('ip', `-n ${space} route add default dev eth0`);
  }

  #home(name: string, net: string): void {
    const [space, router] = [this.#space(name), this.#space(`${name}-router`)];
    run('ip', `link add eth0 netns ${space} type veth peer name lan0 netns ${router}`);
    run('ip', `-n ${space} addr add ${net}.2/24 dev eth0`);
    run('ip', `-n ${router} addr add ${net}.1/24 dev lan0`);
    run('ip', `-n ${space} link set eth0 up`);
    run('ip', `-n ${router} link set lan0 up`);
    run('ip', `-n ${space} route add default via ${net}.1`);
    execFileSync('ip', ['netns', 'exec', router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
    const ports = this.#kind === 'symmetric' ? ' --random-fully' : '';
    inside(router, `iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE${ports}`);
    for (const chain of ['INPUT', 'FORWARD']) {
      inside(router, `iptables -A ${chain} -i eth0 -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`);
      inside(router, `iptables -A ${chain} -i eth0 -j DROP`);
    }
  }

  #drop(): void {
    for (const name of [...MEMBERS, 'world', 'left-router', 'right-router'])
      try {
        run('ip', `netns del ${this.#space(name)}`);
      } catch {
        // It was not made.
      }
  }

  #space(name: string): string {
    return `${this.#tag}-${name}`;
  }
}
