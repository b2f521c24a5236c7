const LABEL_COLUMN = 24;

/** A line of a table of two columns, as a terminal shows them. */
export const line = (label: string, value: string): string => `  ${label.padEnd(LABEL_COLUMN)} ${value}`;
