import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { icnsFile, icoFile, type Picture } from './icon-files.ts';
import { ROOT } from './stamp.ts';

/** What a tray can show, each a drawing of `assets/tray/`; the colour says it too, for those who see it. */
export const TRAY_COLOURS = {
  training: '#E69F00',
  paused: '#8A94A3',
  waiting: '#3D9BD6',
  trouble: '#D55E00',
} as const;

const LINUX_PIXELS = [16, 24, 32, 48, 64, 128, 256, 512];
const ICO_PIXELS = [16, 20, 24, 32, 40, 48, 64, 128, 256];
const ICNS_PIXELS = [16, 32, 64, 128, 256, 512, 1024];
/** The window's own picture on Linux. */
const WINDOW_PIXELS = 256;
const TRAY_PIXELS = 24;
/** What macOS scales least in its menu bar. */
const TEMPLATE_PIXELS = 16;
/** The share of its square that an icon fills on macOS; the rest is air and shadow. */
const MAC_SHARE = 824 / 1024;

/** Draws every icon from the SVG of `assets/`: for the installers into `out/icons/`, for the app into `out/assets/`. */
export async function drawIcons(): Promise<void> {
  await initWasm(
    readFileSync(createRequire(join(ROOT, 'package.json')).resolve('@resvg/resvg-wasm/index_bg.wasm')),
  );
  const icon = asset('icon.svg');
  for (const pixels of LINUX_PIXELS) write(`icons/png/${pixels}x${pixels}.png`, draw(icon, pixels).png);
  write('icons/icon.ico', icoFile(ICO_PIXELS.map((pixels) => draw(icon, pixels))));
  const mac = withMargin(icon, MAC_SHARE);
  write('icons/icon.icns', icnsFile(ICNS_PIXELS.map((pixels) => draw(mac, pixels))));
  write('assets/icon.png', draw(icon, WINDOW_PIXELS).png);
  for (const [state, colour] of Object.entries(TRAY_COLOURS)) {
    const glyph = asset(`tray/${state}.svg`);
    drawTray(state, coloured(glyph, colour), TRAY_PIXELS);
    // macOS takes the shape of a template alone and gives it the colour of its menu bar.
    drawTray(`${state}Template`, coloured(glyph, '#000'), TEMPLATE_PIXELS);
  }
}

function drawTray(name: string, svg: string, pixels: number): void {
  write(`assets/tray/${name}.png`, draw(svg, pixels).png);
  write(`assets/tray/${name}@2x.png`, draw(svg, 2 * pixels).png);
}

function draw(svg: string, pixels: number): Picture {
  const image = new Resvg(svg, { fitTo: { mode: 'width', value: pixels } });
  try {
    return { pixels, png: image.render().asPng() };
  } finally {
    image.free();
  }
}

const coloured = (svg: string, colour: string): string => svg.replace('<svg ', `<svg color="${colour}" `);

function withMargin(svg: string, share: number): string {
  const inner = svg.replace(
    '<svg ',
    `<svg width="${share}" height="${share}" x="${(1 - share) / 2}" y="${(1 - share) / 2}" `,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">${inner}</svg>`;
}

const asset = (name: string): string => readFileSync(join(ROOT, 'assets', name), 'utf8');

function write(name: string, bytes: Uint8Array): void {
  const path = join(ROOT, 'out', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
