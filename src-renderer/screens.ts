import House from '@lucide/svelte/icons/house';
import Settings from '@lucide/svelte/icons/settings-2';
import Waypoints from '@lucide/svelte/icons/waypoints';
import type { Component } from 'svelte';
import type { View } from '../src-shared/contract/page/sections.ts';
import HomePage from './pages/home/HomePage.svelte';
import JoinPage from './pages/join/JoinPage.svelte';
import SettingsPage from './pages/settings/SettingsPage.svelte';

/** A place of the rail. Its words are `rail.<id>` in the catalogue, its address `#/<id>`. */
export interface Screen {
  readonly id: 'home' | 'join' | 'settings';
  readonly icon: typeof House;
  readonly component: Component<{ view: View }>;
  /** Whether the rail offers it now. */
  readonly isShown: (view: View) => boolean;
}

const always = () => true;

/** The one list of screens, for router and rail, in the order of the rail. */
export const screens: readonly Screen[] = [
  { id: 'home', icon: House, component: HomePage, isShown: always },
  { id: 'join', icon: Waypoints, component: JoinPage, isShown: always },
  { id: 'settings', icon: Settings, component: SettingsPage, isShown: always },
];

/** The screen of that name; Home where there is none, or none now. */
export function screenOf(id: string, view: View): Screen {
  const found = screens.find((screen) => screen.id === id && screen.isShown(view));
  return found ?? (screens[0] as Screen);
}
