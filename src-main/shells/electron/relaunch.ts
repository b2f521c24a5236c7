import { app } from 'electron';

/** Where an AppImage says of itself that it is one. A deb has no such thing, and dpkg alone may replace its files. */
export const ownAppImage = (): string | null =>
  (process.platform === 'linux' && process.env.APPIMAGE) || null;

/** Has the app start once more as it was started, when it has ended: an AppImage from its file, its mount being gone. */
export function relaunchAtEnd(): void {
  const appImage = ownAppImage();
  app.relaunch(appImage ? { execPath: appImage, args: process.argv.slice(1) } : {});
}
