/** Programs by the name of their file, as a person lists them: "vlc, Cyberpunk2077.exe". */

export const APPS_MAX = 32;
export const APP_NAME_MAX = 64;
export const APPS_TEXT_MAX = APPS_MAX * (APP_NAME_MAX + 2);

/** @returns null where a name is none, or there are too many */
export function parseApps(text: string): readonly string[] | null {
  if (text.length > APPS_TEXT_MAX) return null;
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return names.length <= APPS_MAX && names.every(isAppName) ? names : null;
}

/** A file's name without a folder. */
const isAppName = (name: string): boolean =>
  name.length <= APP_NAME_MAX && !/[\\/\p{Cc}\p{Cf}]/u.test(name) && appKey(name) !== '';

/** What names are compared by: systems differ in letters' case, and in whether they write ".exe". */
export const appKey = (name: string): string => name.toLowerCase().replace(/\.exe$/, '');
