/** Scripts that run inside the page. As text: this side of the tests knows no DOM types. */
export const recordViolations = `
  globalThis.cspViolations = [];
  document.addEventListener('securitypolicyviolation', (event) =>
    cspViolations.push([event.violatedDirective, event.blockedURI, event.sourceFile].join(' ')));`;

/** Lets the line to the host be cut as a network does, the host itself standing. */
export const keepSockets = `
  globalThis.sockets_ = [];
  globalThis.WebSocket = class extends WebSocket {
    constructor(...given) { super(...given); sockets_.push(this); }
  };`;
export const cutLine = 'sockets_.at(-1).close()';

export const violations = 'globalThis.cspViolations ?? []';

/** Counts frames that the page asked for and layout that moved, from now on. */
export const watchStillness = `(() => {
  globalThis.frames_ = 0;
  globalThis.shifts_ = 0;
  const ask = globalThis.requestAnimationFrame.bind(globalThis);
  globalThis.requestAnimationFrame = (callback) => { frames_ += 1; return ask(callback); };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) shifts_ += entry.value;
  }).observe({ type: 'layout-shift' });
})()`;
export const aSecondLater = 'new Promise((done) => setTimeout(done, 1000))';
/** The slowest drawing, the loss chart, had its turn for whatever came before. */
export const drawnOut = 'new Promise((done) => setTimeout(done, 4500))';
export const framesAsked = 'globalThis.frames_';
export const layoutShift = 'globalThis.shifts_';

/** Types into the field that has the focus, letter by letter and without a moment in between. */
export const typed = (text: string) => `(() => {
  const field = document.activeElement;
  for (const letter of ${JSON.stringify(text)}) {
    field.value += letter;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
})()`;

/** Fonts are there, and what was asked to be painted at once is; a point more of the loss chart may still wait. */
export const settled = `document.fonts.ready.then(() => new Promise((done) => {
  const until = performance.now() + 700;
  const wait = () => (performance.now() > until ? done() : requestAnimationFrame(wait));
  wait();
}))`;

/** Fonts are there, and colours on their way to other ones have arrived: half of them would fail any contrast. */
export const still = `document.fonts.ready
  .then(() => new Promise(requestAnimationFrame))
  .then(() => Promise.allSettled(document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
    .map(({ finished }) => finished)))
  .then(() => undefined)`;

export const sidewaysOverflow = 'document.documentElement.scrollWidth - innerWidth';
export const dialogOverflow = `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('dialog'))`;
export const chosenTheme = 'document.documentElement.dataset.theme';
export const railTransition = `getComputedStyle(document.querySelector('nav a')).transitionDuration`;
export const forgetSession = 'sessionStorage.clear()';
export const forgetAll = 'sessionStorage.clear(); localStorage.clear()';

/** As when a person comes back to the tab: what is followed is asked for at once. */
export const lookedAtAgain = `document.dispatchEvent(new Event('visibilitychange'))`;

/** What a person would call the control that has focus. */
export const focusedWords = `((at) => (at?.labels?.[0] ?? at)?.textContent?.trim() ?? '')(document.activeElement)`;

/** Scrolls whatever can be scrolled to its end: the page's one scroller, and the document if it were one too. */
export const scrollToEnd = `(() => {
  document.querySelector('main').scrollTop = 1e6;
  document.documentElement.scrollTop = 1e6;
  scrollTo(0, 1e6);
})()`;

export interface Measured {
  readonly tallerBy: number;
  readonly widerBy: number;
  readonly scrolledBy: number;
  readonly mainWiderBy: number;
  /** Whether something of the page is to be seen after its end was reached. */
  readonly blank: boolean;
}

export const fitting: Measured = { tallerBy: 0, widerBy: 0, scrolledBy: 0, mainWiderBy: 0, blank: false };

export const measured = `(() => {
  const { documentElement: root, body } = document;
  const main = document.querySelector('main');
  const over = (value) => Math.max(0, Math.round(value));
  const inside = [...main.querySelectorAll('p, h1, h2, li, td, button, dd, dt, label, canvas, [role=gridcell]')].some((element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && box.bottom > 60 && box.top < innerHeight - 60;
  });
  return {
    tallerBy: over(Math.max(root.scrollHeight, body.scrollHeight) - innerHeight),
    widerBy: over(Math.max(root.scrollWidth, body.scrollWidth) - innerWidth),
    scrolledBy: over(Math.max(scrollY, root.scrollTop, body.scrollTop)),
    mainWiderBy: over(main.scrollWidth - main.clientWidth),
    blank: !inside,
  };
})()`;

/** By how much the open dialog is wider than its room, and stands out of the window. */
export const dialogMeasured = `(() => {
  const dialog = document.querySelector('dialog');
  const box = dialog.getBoundingClientRect();
  const over = (value) => Math.max(0, Math.round(value));
  return {
    widerBy: over(dialog.scrollWidth - dialog.clientWidth),
    outBy: over(Math.max(-box.left, -box.top, box.right - innerWidth, box.bottom - innerHeight)),
  };
})()`;

export interface Amounts {
  readonly seen: number;
  /** The text of those that do not fit their box, or stand out of what holds them. */
  readonly cut: readonly string[];
}

/** Amounts of money on the page. */
export const amounts = `(() => {
  const all = [...document.querySelectorAll('main dd, main .headline span, header b')]
    .filter((element) => /[τα]/.test(element.textContent) && element.getClientRects().length > 0);
  const isCut = (element) => {
    const own = element.getBoundingClientRect();
    const around = element.closest('section, li, header').getBoundingClientRect();
    const isNarrow = getComputedStyle(element).display !== 'inline' && element.scrollWidth > element.clientWidth + 1;
    return isNarrow || own.left < around.left || own.right > around.right + 1;
  };
  return { seen: all.length, cut: all.filter(isCut).map((element) => element.textContent.trim()) };
})()`;

/** The lowest contrast of text on the page against what lies under it, with the filter that greys old values. */
export const lowestContrast = `(() => {
  const channel = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const colourOf = (text) => {
    const canvas = colourOf.canvas ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].map((value) => value / 255);
  };
  const greyed = ([r, g, b]) => Array(3).fill(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = colourOf(getComputedStyle(at).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return [1, 1, 1, 1];
  };
  let lowest = { ratio: 99, text: '' };
  for (const element of document.querySelectorAll('.old *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    const style = getComputedStyle(element);
    if (!own || element.closest('svg, .sr-only, [popover]') || style.visibility === 'hidden') continue;
    let faint = 1;
    for (let at = element; at; at = at.parentElement) faint *= Number(getComputedStyle(at).opacity);
    const ground = greyed(groundOf(element));
    const ink = greyed(colourOf(style.color)).map((value, index) => value * faint + ground[index] * (1 - faint));
    const [high, low] = [luminance(ink), luminance(ground)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < lowest.ratio) lowest = { ratio, text: element.textContent.trim().slice(0, 40) };
  }
  return lowest;
})()`;
