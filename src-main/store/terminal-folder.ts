/**
 * Below the data folder: a terminal keeps an account of its own of what was signed there. The host's is held by the
 * host, which may be running; a fate that was open when a terminal left is looked up by the next one.
 */
export const TERMINAL_FOLDER = 'terminal';
