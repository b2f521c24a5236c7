import * as http from 'node:http';
import { childEnv, throughProxies } from './child-env.ts';

/**
 * Lets what this process asks go through the proxies of the user's network, as its children do: Node does so by itself only
 * where it was started with a word that nobody who types a command says. To be called before the first request.
 * @returns whether there are any, and this Node can be told at run time (24.14 and later)
 */
export function askThroughProxies(own: NodeJS.ProcessEnv): boolean {
  const env = throughProxies(childEnv(own));
  if (env.NODE_USE_ENV_PROXY === undefined || typeof http.setGlobalProxyFromEnv !== 'function') return false;
  http.setGlobalProxyFromEnv(env);
  return true;
}
