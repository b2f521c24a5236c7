import Boxes from '@lucide/svelte/icons/boxes';
import ChartNetwork from '@lucide/svelte/icons/chart-network';
import Coins from '@lucide/svelte/icons/coins';
import Gpu from '@lucide/svelte/icons/gpu';
import House from '@lucide/svelte/icons/house';
import Layers from '@lucide/svelte/icons/layers';
import Network from '@lucide/svelte/icons/network';
import Scale from '@lucide/svelte/icons/scale';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import Settings from '@lucide/svelte/icons/settings-2';
import Wallet from '@lucide/svelte/icons/wallet';
import Waypoints from '@lucide/svelte/icons/waypoints';
import type { Component } from 'svelte';
import type { View } from '../src-shared/contract/page/sections.ts';
import CardPage from './pages/card/CardPage.svelte';
import EarningsPage from './pages/earnings/EarningsPage.svelte';
import HomePage from './pages/home/HomePage.svelte';
import JoinPage from './pages/join/JoinPage.svelte';
import LogsPage from './pages/logs/LogsPage.svelte';
import ModelsPage from './pages/models/ModelsPage.svelte';
import SettingsPage from './pages/settings/SettingsPage.svelte';
import StakingPage from './pages/staking/StakingPage.svelte';
import SubnetPage from './pages/subnet/SubnetPage.svelte';
import SwarmPage from './pages/swarm/SwarmPage.svelte';
import ValidatorPage from './pages/validator/ValidatorPage.svelte';
import WalletPage from './pages/wallet/WalletPage.svelte';

/** A place of the rail. Its words are `rail.<id>` in the catalogue, its address `#/<id>`. */
export interface Screen {
  readonly id:
    | 'home'
    | 'card'
    | 'swarm'
    | 'validator'
    | 'models'
    | 'wallet'
    | 'staking'
    | 'earnings'
    | 'subnet'
    | 'join'
    | 'logs'
    | 'settings';
  readonly icon: typeof House;
  readonly component: Component<{ view: View }>;
}

/** The one list of screens, for router and rail, in the order of the rail. */
export const screens: readonly Screen[] = [
  { id: 'home', icon: House, component: HomePage },
  { id: 'wallet', icon: Wallet, component: WalletPage },
  { id: 'staking', icon: Layers, component: StakingPage },
  { id: 'earnings', icon: Coins, component: EarningsPage },
  { id: 'card', icon: Gpu, component: CardPage },
  { id: 'swarm', icon: Network, component: SwarmPage },
  { id: 'validator', icon: Scale, component: ValidatorPage },
  { id: 'models', icon: Boxes, component: ModelsPage },
  { id: 'subnet', icon: ChartNetwork, component: SubnetPage },
  { id: 'join', icon: Waypoints, component: JoinPage },
  { id: 'logs', icon: ScrollText, component: LogsPage },
  { id: 'settings', icon: Settings, component: SettingsPage },
];

/** The screen of that name; Home where there is none. */
export const screenOf = (id: string): Screen =>
  screens.find((screen) => screen.id === id) ?? (screens[0] as Screen);
