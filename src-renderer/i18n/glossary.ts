/**
 * What the field's words mean, one sentence each. Wherever one of them stands in an `Explained` text, it can be
 * asked for. Forms are matched as whole words; the longer one goes first where two begin alike.
 */
export const glossary = [
  { forms: ['immune', 'immunity'], means: 'A new member keeps its place for a while, whatever its scores.' },
  {
    forms: ['epochs', 'epoch'],
    means: 'A fixed number of blocks, at whose end the chain pays everybody by the weights.',
  },
  {
    forms: ['uid'],
    means: 'The number of your place on the subnet. Places are few; the lowest earners lose theirs.',
  },
  { forms: ['finalized'], means: 'A block that no later block can undo. Rounds count only those.' },
  {
    forms: ['coldkey'],
    means: 'The key that holds your money. It signs what costs something, and can stay off this computer.',
  },
  {
    forms: ['hotkey'],
    means: 'The key that works: it names you in the swarm and earns. It cannot move money.',
  },
  {
    forms: ['nats per token', 'nats'],
    means: 'How surprised the model is by the next piece of text. Less is better.',
  },
  { forms: ['held out'], means: 'Measured on text that nobody trains on, so only real learning lowers it.' },
  {
    forms: ['micro-batches', 'micro-batch'],
    means:
      'A small piece of training text. A validator computes some of yours again to see that you did the work.',
  },
  {
    forms: ['void'],
    means:
      'A round whose average was not agreed on by enough witnesses. Nobody’s work is lost; it counts in the next.',
  },
  { forms: ['subnet'], means: 'One market on the chain with a task of its own. This one trains a model.' },
  {
    forms: ['alpha'],
    means: 'The coin of the subnet. It is paid to you as stake, and has a price in τ.',
  },
  {
    forms: ['weights'],
    means: 'The shares in which validators say, on chain, who did how much of the work.',
  },
  {
    forms: ['gradient'],
    means:
      'The direction in which one step of training changes the model. It can be checked by computing it again.',
  },
  {
    forms: ['All-reduce'],
    means: 'Everybody averages one part of the model for all, so no server is needed.',
  },
  {
    forms: ['permit'],
    means: 'The right to set weights. The chain gives it to the hotkeys with the most stake.',
  },
  { forms: ['genesis'], means: 'The hash of a chain’s first block. It tells one chain from every other.' },
  { forms: ['recycled'], means: 'Taken out of circulation: nobody gets it, and nobody can give it back.' },
] as const satisfies readonly { readonly forms: readonly string[]; readonly means: string }[];

export interface Piece {
  readonly text: string;
  /** The sentence behind it; null for what needs none. */
  readonly means: string | null;
}

const meanings = new Map(
  glossary.flatMap(({ forms, means }) => forms.map((form) => [form.toLowerCase(), means] as const)),
);
// Forms are letters, blanks and hyphens: nothing in them means anything to a pattern.
const allForms = [...meanings.keys()].sort((a, b) => b.length - a.length);
const found = new RegExp(`(?<![\\p{L}\\d-])(?:${allForms.join('|')})(?![\\p{L}\\d-])`, 'giu');

/** A text cut at the words of the glossary. Each meaning is offered once, where its word comes first. */
export function explain(text: string): readonly Piece[] {
  const offered = new Set<string>();
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(found)) {
    const means = meanings.get(match[0].toLowerCase());
    if (means === undefined || offered.has(means)) continue;
    offered.add(means);
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), means: null });
    pieces.push({ text: match[0], means });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), means: null });
  return pieces;
}
