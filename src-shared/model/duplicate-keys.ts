/**
 * A key that one object of a JSON text has twice: parsers keep the last and say nothing, so that two readers of one file
 * may see different things. The text has been parsed, so it is JSON.
 * @returns the first such key; null where there is none
 */
export function duplicateKey(json: string): string | null {
  const open: (Set<string> | null)[] = [];
  const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  for (const { 0: token, index } of json.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else {
      const keys = open.at(-1);
      if (!keys || !isKey(json, index + token.length)) continue;
      const key = JSON.parse(token) as string;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return null;
}

/** Whether a colon follows: in an object, that makes a text a key. */
function isKey(json: string, from: number): boolean {
  let at = from;
  while (' \t\n\r'.includes(json[at] ?? '-')) at += 1;
  return json[at] === ':';
}
