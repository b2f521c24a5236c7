import { join } from 'node:path';
import { Menu, type MenuItemConstructorOptions, nativeImage, Tray } from 'electron';
import type { HostView } from '../host-view.ts';
import { TRAY_COUNTDOWN_MS } from '../limits.ts';
import { type TrayAct, type TrayLine, trayMenu } from './menu.ts';
import { type TrayGlyph, trayState } from './state.ts';

export interface TrayOptions {
  readonly view: HostView;
  /** Folder whose `tray/` has a picture of each glyph, once more at twice its size, and both as templates for macOS. */
  readonly pictures: string;
  act(act: TrayAct): void;
}

/** Butterfly in the tray: its picture, its tooltip and its menu follow the view. @returns what takes it away. */
export function showTray({ view, pictures, act }: TrayOptions): () => void {
  const picture = (glyph: TrayGlyph) => {
    // By that name macOS knows a shape that it gives the colour of its menu bar.
    const name = process.platform === 'darwin' ? `${glyph}Template` : glyph;
    return nativeImage.createFromPath(join(pictures, 'tray', `${name}.png`));
  };
  const tray = new Tray(picture('waiting'));
  let drawn = '';

  function draw(): void {
    const nowMs = Date.now();
    const { runs } = view.now;
    const { glyph, sentence, reason } = trayState(runs, nowMs);
    const lines = trayMenu(runs, nowMs);
    // A menu that is set anew closes under the hand of whoever has it open.
    const next = JSON.stringify([glyph, lines]);
    if (next === drawn) return;
    drawn = next;
    tray.setImage(picture(glyph));
    tray.setToolTip(['Butterfly', sentence, ...(reason ? [reason] : [])].join('\n'));
    tray.setContextMenu(Menu.buildFromTemplate(itemsOf(lines, act)));
  }

  // Where the system gives clicks to the tray, one opens the window; elsewhere the menu does.
  tray.on('click', () => act({ kind: 'open' }));
  draw();
  const unsubscribe = view.onChange(draw);
  const countdown = setInterval(draw, TRAY_COUNTDOWN_MS);
  return () => {
    clearInterval(countdown);
    unsubscribe();
    tray.destroy();
  };
}

const itemsOf = (lines: readonly TrayLine[], act: TrayOptions['act']): MenuItemConstructorOptions[] =>
  lines.map((line) => itemOf(line, act));

function itemOf(line: TrayLine, act: TrayOptions['act']): MenuItemConstructorOptions {
  switch (line.kind) {
    case 'line':
      return { type: 'separator' };
    case 'text':
      return { label: line.label, enabled: false };
    case 'menu':
      return { label: line.label, submenu: itemsOf(line.lines, act) };
    case 'choice':
      return { label: line.label, click: () => act(line.act) };
  }
}
