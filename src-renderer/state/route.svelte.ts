import { HOME, hrefOf, type Place, placeOf } from './place.ts';

/** The address of the page, followed. */
class Route {
  place = $state.raw<Place>(HOME);

  start(): void {
    const read = () => {
      this.place = placeOf(location.hash);
    };
    window.addEventListener('hashchange', read);
    read();
  }

  go(screen: string, part: string | null = null): void {
    location.hash = hrefOf(screen, part);
  }
}

export const route = new Route();
