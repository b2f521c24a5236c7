import type { Palette } from '../theme/palette.ts';
import { type Area, bodyOf, type Curve, type EdgeDrawing, partOfCurve } from './butterfly-geometry.ts';

const FAINT = 0.38;
const WAITING_DASH = [1.5, 4];
const MOVING_DASH = [4, 5];

/** Paints one picture. Everything it shows is in `drawings`; it keeps nothing. */
export function paintButterfly(
  context: CanvasRenderingContext2D,
  drawings: readonly EdgeDrawing[],
  area: Area,
  palette: Palette,
  nameOf: ((hotkey: string) => string) | null,
): void {
  context.clearRect(0, 0, area.width, area.height);
  context.lineCap = 'round';
  for (const drawing of drawings) paintEdge(context, drawing, palette);
  if (nameOf) for (const drawing of drawings) paintName(context, drawing, palette, nameOf(drawing.hotkey));
  paintBody(context, area, palette);
}

function paintEdge(context: CanvasRenderingContext2D, drawing: EdgeDrawing, palette: Palette): void {
  const { state, direction, width } = drawing;
  const failed = state === 'failed';
  context.strokeStyle = failed ? palette.fault : direction === 'out' ? palette.mine : palette.swarm;
  context.fillStyle = context.strokeStyle;
  context.lineWidth = width;
  for (const { curve, filled } of drawing.strands) {
    if (filled < 1) {
      context.globalAlpha = failed ? 0.7 : FAINT;
      context.setLineDash(state === 'waiting' ? WAITING_DASH : MOVING_DASH);
      strokeWhole(context, curve);
      if (!failed) paintEnd(context, curve, width);
    }
    if (filled > 0) {
      context.globalAlpha = failed ? 0.7 : 0.95;
      context.setLineDash([]);
      strokePart(context, curve, direction, filled);
      if (filled === 1) paintEnd(context, curve, width);
    }
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
  if (failed) paintCrosses(context, drawing);
}

function strokeWhole(context: CanvasRenderingContext2D, { body, bend, peer }: Curve): void {
  context.beginPath();
  context.moveTo(body.x, body.y);
  context.quadraticCurveTo(bend.x, bend.y, peer.x, peer.y);
  context.stroke();
}

/** Parts grow from me outwards, averages from the peer homewards. */
function strokePart(
  context: CanvasRenderingContext2D,
  curve: Curve,
  direction: EdgeDrawing['direction'],
  share: number,
): void {
  const [start, end] = direction === 'out' ? [curve.body, curve.peer] : [curve.peer, curve.body];
  const [bend, tip] = partOfCurve(start, curve.bend, end, share);
  context.beginPath();
  context.moveTo(start.x, start.y);
  context.quadraticCurveTo(bend.x, bend.y, tip.x, tip.y);
  context.stroke();
}

function paintEnd(context: CanvasRenderingContext2D, { peer }: Curve, width: number): void {
  context.beginPath();
  context.arc(peer.x, peer.y, 1.3 + width * 0.75, 0, 2 * Math.PI);
  context.fill();
}

function paintCrosses(context: CanvasRenderingContext2D, { strands }: EdgeDrawing): void {
  const middle = strands[strands.length >> 1]?.curve.peer;
  if (!middle) return;
  context.lineWidth = 1.8;
  context.beginPath();
  context.moveTo(middle.x - 4, middle.y - 4);
  context.lineTo(middle.x + 4, middle.y + 4);
  context.moveTo(middle.x + 4, middle.y - 4);
  context.lineTo(middle.x - 4, middle.y + 4);
  context.stroke();
}

function paintName(
  context: CanvasRenderingContext2D,
  { label, direction, state }: EdgeDrawing,
  palette: Palette,
  name: string,
): void {
  context.font = '11px "JetBrains Mono Variable", monospace';
  context.textBaseline = 'middle';
  context.textAlign = direction === 'out' ? 'right' : 'left';
  context.fillStyle = state === 'failed' ? palette.fault : palette.soft;
  context.fillText(name, label.x, label.y);
}

function paintBody(context: CanvasRenderingContext2D, area: Area, palette: Palette): void {
  const { x, y } = bodyOf(area);
  context.fillStyle = palette.text;
  context.beginPath();
  context.ellipse(x, y, 4.5, Math.max(18, area.height * 0.11), 0, 0, 2 * Math.PI);
  context.fill();
}
