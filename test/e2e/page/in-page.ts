/** Scripts that run inside the page. As text: this side of the tests knows no DOM types. */
export const recordViolations = `
  globalThis.cspViolations = [];
  document.addEventListener('securitypolicyviolation', (event) =>
    cspViolations.push([event.violatedDirective, event.blockedURI, event.sourceFile].join(' ')));`;

export const violations = 'globalThis.cspViolations';

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
export const framesAsked = 'globalThis.frames_';
export const layoutShift = 'globalThis.shifts_';

/** Fonts are there, and the slowest drawing (twice a second) had its turn: what was asked for is painted. */
export const settled = `document.fonts.ready.then(() => new Promise((done) => {
  const until = performance.now() + 700;
  const wait = () => (performance.now() > until ? done() : requestAnimationFrame(wait));
  wait();
}))`;

export const sidewaysOverflow = 'document.documentElement.scrollWidth - innerWidth';
export const chosenTheme = 'document.documentElement.dataset.theme';
export const railTransition = `getComputedStyle(document.querySelector('nav a')).transitionDuration`;
export const forgetSession = 'sessionStorage.clear()';
