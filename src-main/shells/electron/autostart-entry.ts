/**
 * The file by which a Linux desktop starts a program at login (Desktop Application Autostart Specification).
 * @param program its whole path
 */
export function autostartEntry(program: string, args: readonly string[]): string {
  const exec = [program, ...args].map(quoted).join(' ');
  return `${[
    '[Desktop Entry]',
    'Type=Application',
    'Name=Butterfly',
    'Comment=Go on training in the tray',
    `Exec=${exec}`,
    'Icon=butterfly',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
  ].join('\n')}\n`;
}

/**
 * A word of `Exec`: in quotes, with what is special in them behind a backslash; then once more, because the value of
 * a key has backslashes of its own; and a percent sign stands for itself when doubled.
 */
const quoted = (word: string): string =>
  `"${word.replace(/[\\"`$]/g, '\\$&')}"`.replaceAll('\\', '\\\\').replaceAll('%', '%%');

/** Whether a desktop would start it: it is there, and was not turned off in the desktop's own settings. */
export function isOnEntry(text: string): boolean {
  const keys = new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()]];
    }),
  );
  return (
    keys.has('Exec') && keys.get('Hidden') !== 'true' && keys.get('X-GNOME-Autostart-enabled') !== 'false'
  );
}
