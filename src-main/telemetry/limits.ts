/** Power is measured so often while something works. */
export const POWER_EVERY_MS = 2_000;
/** A tool that a card's maker ships answers within so long, or not this time. */
export const POWER_TOOL_MS = 5_000;
/** Text that is read of a tool or a file: a line a card. */
export const POWER_TEXT_MAX = 16_384;
/** Cards and processors of one computer. */
export const POWER_SOURCES_MAX = 64;
/** More than that is no computer of anybody's: the sensor is wrong. */
export const POWER_WATTS_MAX = 20_000;
/** A mean is told from so many measurements on. */
export const POWER_LEAST = 5;
