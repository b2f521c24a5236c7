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
