/** Whether the program in front fills the screen, by what `xprop` prints of an X display. Pure. */

/** Of `xprop -root _NET_ACTIVE_WINDOW`: the window's number; null where no window is in front, or none is told. */
export const activeWindow = (text: string): string | null =>
  /^_NET_ACTIVE_WINDOW\(WINDOW\): window id # (0x[0-9a-f]{1,8})\b/m.exec(text)?.[1]?.replace(/^0x0+$/, '') ||
  null;

/** Whether that display's programs tell such things at all: without a window manager nobody does. */
export const tellsActive = (text: string): boolean => text.startsWith('_NET_ACTIVE_WINDOW(WINDOW)');

/** Of `xprop -id N _NET_WM_STATE _NET_WM_PID`. A window of ours in full screen is no reason to rest. */
export function fillsScreen(text: string, ownPid: number): boolean {
  const pid = /^_NET_WM_PID\(CARDINAL\) = (\d{1,10})$/m.exec(text)?.[1];
  return Number(pid) !== ownPid && /^_NET_WM_STATE\(ATOM\) = .*\b_NET_WM_STATE_FULLSCREEN\b/m.test(text);
}
