/**
 * The few texts that are read of a bucket's answers, which are bounded before. They are flat: no element of these names
 * holds another of its own name, so nothing more of XML is needed; what is hostile comes out as no number or no key.
 */
export function elementsOf(xml: string, name: string): readonly string[] {
  const found: string[] = [];
  const [open, close] = [`<${name}>`, `</${name}>`];
  for (let at = xml.indexOf(open); at >= 0; at = xml.indexOf(open, at)) {
    const end = xml.indexOf(close, at);
    if (end < 0) break;
    found.push(xml.slice(at + open.length, end));
    at = end + close.length;
  }
  return found;
}

/** @returns null where there is no such element */
export function textOf(xml: string, name: string): string | null {
  const [text] = elementsOf(xml, name);
  return text === undefined ? null : unescaped(text.trim());
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#34;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

const unescaped = (text: string): string =>
  text.replace(/&(?:lt|gt|quot|#34|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity);
