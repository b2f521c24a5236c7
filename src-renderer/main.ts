import './theme/fonts.css';
import './theme/tokens.css';
import './theme/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { applyStoredTheme } from './theme/choice.svelte.ts';

applyStoredTheme();

const target = document.getElementById('app');
if (target) mount(App, { target });
