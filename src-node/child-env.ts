/**
 * What a child may see of the environment. An allow-list: NODE_OPTIONS and LD_PRELOAD would run foreign code in a
 * process that holds keys, and tokens in the environment are no business of a child.
 */
const allowed = new Set([
  'PATH',
  'HOME',
  'USER',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'SYSTEMROOT',
  'WINDIR',
  'COMSPEC',
  'PATHEXT',
  'TMPDIR',
  'TEMP',
  'TMP',
  'LANG',
  'LC_ALL',
  'TZ',
  'XDG_RUNTIME_DIR',
  // Which GPU driver the compute child loads, and which card it sees.
  'VK_DRIVER_FILES',
  'CUDA_VISIBLE_DEVICES',
  // Certificates and proxies of the user's network.
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
]);

export function childEnv(own: NodeJS.ProcessEnv): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    // Windows writes "Path"; proxies are customarily lower case.
    if (value !== undefined && allowed.has(name.toUpperCase())) env[name] = value;
  }
  return env;
}

const isProxy = (name: string): boolean => /^https?_proxy$/i.test(name);
const isExempt = (name: string): boolean => /^no_proxy$/i.test(name);

/** This computer, as it stands in addresses: a number of version 6 is looked for with brackets by one client, without by another. */
const HERE = ['localhost', '.localhost', '127.0.0.1', '[::1]', '::1'];

/**
 * The same environment for a Node program of ours: it asks through the proxies of the user's network, where there are any,
 * which Node does only when told to, and never through them for what runs on this computer.
 */
export function throughProxies(env: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(env);
  if (!entries.some(([name, value]) => isProxy(name) && value !== '')) return { ...env };
  // Where both spellings are there, clients take the lower case.
  const exempt = env.no_proxy || entries.find(([name, value]) => isExempt(name) && value !== '')?.[1];
  return {
    ...Object.fromEntries(entries.filter(([name]) => !isExempt(name))),
    NODE_USE_ENV_PROXY: '1',
    // A star alone exempts everything, and means nothing within a list.
    NO_PROXY: exempt === '*' ? exempt : [...(exempt ? [exempt] : []), ...HERE].join(','),
  };
}
