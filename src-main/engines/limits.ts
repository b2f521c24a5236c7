/** Free space that adding an engine needs: packages 0.3 GB, the library unpacked 0.6 to 1.2 GB, and its archive beside it. */
export const ENGINE_ROOM_BYTES = 2_500_000_000;
/** npm with a hundred packages on a slow line. */
export const PACKAGES_LIMIT_MS = 20 * 60_000;
/** The package's own installer, or pip: half a gigabyte on a slow line. */
export const DOWNLOAD_LIMIT_MS = 60 * 60_000;
/** A download on which nothing moves for so long is given up; what is there is kept. */
export const DOWNLOAD_SILENT_MS = 60_000;
/** How often it is looked how much of a download is there that another program makes. */
export const DOWNLOAD_LOOK_MS = 2_000;
/** Compiling two files took 7 s here, 40 s on a busy machine. */
export const BUILD_LIMIT_MS = 10 * 60_000;
/** Half a gigabyte is unpacked in some seconds, on a slow disk in minutes. */
export const UNPACK_LIMIT_MS = 15 * 60_000;
/** Loading the library and one small gradient; the first start of it on a slow disk. */
export const TRY_LIMIT_MS = 3 * 60_000;
/** From starting the process that unpacks and tries to its first word. */
export const KIT_READY_MS = 60_000;
/** The index of one project: 0.4 MB for TensorFlow's. */
export const INDEX_BYTES_MAX = 16 * 1024 * 1024;
/** After a program was asked to end, before it is killed: npm takes its own children along. */
export const PROGRAM_STOP_MS = 3_000;
