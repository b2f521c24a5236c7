/** Seconds since somebody last touched this computer, by what tools of the system print. Pure. */

/** Of `xprintidle`: milliseconds. */
export const xprintidleSeconds = (text: string): number | null =>
  /^\d{1,15}\s*$/.test(text) ? Math.floor(Number(text) / 1000) : null;

/**
 * Of `busctl get-property … IdleHint IdleSinceHint`: whether all sessions call themselves idle, and since when in
 * microseconds of Unix time. Until they do, somebody is there.
 */
export function logindSeconds(text: string, wallMs: number): number | null {
  const [, hint, sinceUs] = /^b (true|false)\nt (\d{1,20})\s*$/.exec(text) ?? [];
  if (hint === undefined) return null;
  return hint === 'true' ? Math.max(0, Math.floor((wallMs - Number(sinceUs) / 1000) / 1000)) : 0;
}

/** Of `ioreg -c IOHIDSystem -d 4` of macOS: nanoseconds. */
export function ioregSeconds(text: string): number | null {
  const ns = /"HIDIdleTime" = (\d{1,20})\b/.exec(text)?.[1];
  return ns === undefined ? null : Math.floor(Number(ns) / 1e9);
}
