import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * `better-sqlite3` for an Electron whose Node-API is older than ours asks for: `libsql` has nearly the same calls. What
 * it lacks is made up for here: `pluck` of single values, rows without a field of its own, the simple form of `pragma`.
 * A statement that is told something answers with itself, and that has to be this one again.
 */
const AS_OURS = `const Database = require('libsql');
const plain = (row) => {
  if (row) delete row._metadata;
  return row;
};
const statement = (own) => {
  let pick = plain;
  const other = {
    pluck() {
      pick = (row) => (row ? Object.values(plain(row))[0] : row);
      return proxy;
    },
    get: (...given) => pick(own.get(...given)),
    all: (...given) => own.all(...given).map((row) => pick(row)),
    *iterate(...given) {
      for (const row of own.iterate(...given)) yield pick(row);
    },
  };
  const proxy = new Proxy(own, {
    get: (target, name) => {
      if (name in other) return other[name];
      const found = target[name];
      if (typeof found !== 'function') return found;
      return (...given) => {
        const answer = found.apply(target, given);
        return answer === target ? proxy : answer;
      };
    },
  });
  return proxy;
};
module.exports = class extends Database {
  prepare(source) {
    return statement(super.prepare(source));
  }
  pragma(source, { simple = false } = {}) {
    const rows = this.prepare('PRAGMA ' + source).all();
    return simple ? Object.values(rows[0] ?? {})[0] : rows;
  }
};
`;

/** @param from the `node_modules` that `libsql` was installed to; @param to those of the staged app */
export async function stageOlderSqlite(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
  const own = join(to, 'better-sqlite3');
  await mkdir(own, { recursive: true });
  await writeFile(join(own, 'package.json'), '{"name":"better-sqlite3","main":"index.js"}');
  await writeFile(join(own, 'index.js'), AS_OURS);
}
