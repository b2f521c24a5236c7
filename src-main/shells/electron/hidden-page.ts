import type { BrowserWindow } from 'electron';
import { joinPatches, type ViewPatch } from '../../../src-shared/contract/page/sections.ts';
import type { PageDoor } from '../page-rpc.ts';

/**
 * The door of a page in this window that hears no news while nobody can see it: each would cost its process a layout
 * for nobody. What came meanwhile is one patch once the window is shown again. What the page asks is answered as ever.
 */
export function quietWhileHidden(door: PageDoor, window: BrowserWindow): PageDoor {
  const isSeen = () => !window.isDestroyed() && window.isVisible() && !window.isMinimized();
  return {
    ...door,
    connect(ui) {
      let held: ViewPatch | null = null;
      function tell(): void {
        if (!held || !isSeen()) return;
        const patch = held;
        held = null;
        ui.patch(patch);
      }
      const leave = door.connect({
        patch(sections: ViewPatch) {
          held = held ? joinPatches(held, sections) : sections;
          tell();
        },
      });
      window.on('show', tell);
      window.on('restore', tell);
      return () => {
        window.off('show', tell);
        window.off('restore', tell);
        leave();
      };
    },
  };
}
