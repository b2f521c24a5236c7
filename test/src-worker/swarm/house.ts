import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const run = (line: string): void => void execFileSync('ip', line.split(' '), { stdio: 'pipe' });
const NAMES = ['a', 'b'] as const;

/** Two computers on one cable, as network namespaces: needs root on Linux, and `ip`. */
export class House {
  readonly #tag = `bh${process.pid % 100_000}`;
  readonly #ends: (() => Promise<void>)[] = [];

  /** Whether this machine lets a test make one. */
  static canStand(): boolean {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
    const house = new House();
    try {
      house.build();
      return true;
    } catch {
      return false;
    } finally {
      house.#drop();
    }
  }

  /** @throws where the kernel or the system refuses */
  build(): void {
    for (const name of NAMES) run(`netns add ${this.#space(name)}`);
    run(
      `link add ${this.#tag}a netns ${this.#space('a')} type veth peer name ${this.#tag}b netns ${this.#space('b')}`,
    );
    for (const [at, name] of NAMES.entries()) {
      const end = `${this.#tag}${name}`;
      const inside = `-n ${this.#space(name)}`;
      run(`${inside} addr add 192.168.77.${at + 1}/24 dev ${end}`);
      run(`${inside} addr add fd77::${at + 1}/64 dev ${end} nodad`);
      for (const link of ['lo', end]) run(`${inside} link set ${link} up`);
      run(`${inside} route add 224.0.0.0/4 dev ${end}`);
    }
  }

  /** Leaves one computer with IPv6 alone. */
  withoutIpv4(name: (typeof NAMES)[number]): void {
    run(`-n ${this.#space(name)} -4 addr flush dev ${this.#tag}${name}`);
  }

  /**
   * Runs a program of the tests on one of the computers.
   * @returns its lines, one value of JSON each, as they come
   */
  start(name: (typeof NAMES)[number], file: string, args: readonly string[]): AsyncIterable<unknown> {
    const child = spawn('ip', ['netns', 'exec', this.#space(name), process.execPath, file, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    this.#ends.push(async () => {
      // The end of its input is its sign to leave.
      child.stdin.end();
      await gone;
    });
    const lines = createInterface({ input: child.stdout });
    return (async function* () {
      for await (const line of lines) yield JSON.parse(line) as unknown;
    })();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#ends.map((end) => end()));
    this.#drop();
  }

  #drop(): void {
    for (const name of NAMES)
      try {
        run(`netns del ${this.#space(name)}`);
      } catch {
        // It was not made.
      }
  }

  #space(name: string): string {
    return `${this.#tag}-${name}`;
  }
}
