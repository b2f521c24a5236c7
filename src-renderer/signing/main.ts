import '../theme/fonts.css';
import '../theme/tokens.css';
import '../theme/base.css';
import { mount } from 'svelte';
import Window from './Window.svelte';

const target = document.getElementById('app');
if (target) mount(Window, { target });
