import { buildDeb, readOrder } from './deb.ts';

/** Stands where electron-builder looks for `fpm`, which Debian has not: the same words, and `dpkg-deb` behind them. */
buildDeb(readOrder(process.argv.slice(2)));
