/** Longest path of a data folder: SQLite takes 512 bytes, and the longest name below it, a companion's backup, 120. */
export const PATH_BYTES_MAX = 384;
/** The same on Windows, where programs may fail on more than 260 in all. */
export const WINDOWS_PATH_BYTES_MAX = 140;
/** Free space a start needs: databases, journals and the first states of a practice; with less all of it fails. */
export const FREE_BYTES_MIN = 32 * 1024 * 1024;
/** Free file entries a start needs, for the same reason: databases, key files, logs of five hosts. */
export const FREE_FILES_MIN = 256;
/** Files and sockets that a host with one run has open at once, and some more; systems allow 256 or more. */
export const OPEN_FILES_MIN = 96;
/** Copies of before another version that are kept: of three changes one can go back. */
export const BACKUPS_BEFORE_KEPT = 3;
/** Longest small file in such a copy; the ledger is copied whatever it takes. */
export const BACKED_UP_FILE_BYTES_MAX = 16 * 1024 * 1024;
/** Names that change together: all of a data folder, or two for each file that is moved to this computer and some beside. */
export const RENAMINGS_MAX = 8_192;
