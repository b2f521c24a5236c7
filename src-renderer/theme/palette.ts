/** The colours of the moment, resolved, for canvases. */
export interface Palette {
  readonly card: string;
  readonly line: string;
  readonly text: string;
  readonly soft: string;
  readonly mine: string;
  readonly swarm: string;
  readonly fault: string;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    card: colour('card'),
    line: colour('line'),
    text: colour('text'),
    soft: colour('soft'),
    mine: colour('mine'),
    swarm: colour('swarm'),
    fault: colour('fault'),
  };
}
