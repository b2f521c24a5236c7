/** Hands a text, in pieces, to whoever looks, as a file of that name. */
export function saveText(
  name: string,
  text: readonly string[],
  type: 'text/csv' | 'application/json' = 'text/csv',
): void {
  const url = URL.createObjectURL(new Blob([...text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // After the click has been taken: an address that is gone at once is a file that was never there.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
