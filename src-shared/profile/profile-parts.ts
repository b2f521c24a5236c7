/** Parts of a run as a person thinks of them, in words for page and terminal alike. */
export const partWords = {
  model: 'the model',
  weights: 'the first weights',
  text: 'the text',
  learning: 'how it learns',
  rounds: 'how long rounds take and who is in them',
  exchange: 'how parts are exchanged',
  witnesses: 'the witnesses',
  scores: 'what is paid for',
  subnet: 'what the subnet is called',
} as const;
export type ProfilePart = keyof typeof partWords;
export const profileParts = Object.keys(partWords) as readonly ProfilePart[];
