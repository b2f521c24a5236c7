/** Sensors are read so often while something works. */
export const SENSORS_EVERY_MS = 2_000;
/** A tool that a card's maker ships answers within so long, or is killed. */
export const SENSOR_TOOL_MS = 5_000;
/** One that had to be killed, or failed, is asked again after this: a driver in trouble must not be pestered. */
export const SENSOR_TOOL_REST_MS = 60_000;
/** Text that is read of a tool or a file: a line a card. */
export const SENSOR_TEXT_MAX = 16_384;
/** Cards and processors of one computer. */
export const SENSOR_SOURCES_MAX = 64;
/** More than that is no computer of anybody's: the sensor is wrong. */
export const WATTS_MAX = 20_000;
/** Hotter than this no card works. */
export const CELSIUS_MAX = 150;
/** Memory of one card; a sensor that says more is wrong. */
export const CARD_MEMORY_MAX = 2 ** 50;
/** Longest name of a card that is shown. */
export const CARD_NAME_MAX = 128;
/** A mean is told from so many measurements on. */
export const POWER_LEAST = 5;
/** Energy for a million tokens is told of the last ten minutes: some steps of a slow card. */
export const ENERGY_WINDOW_MS = 600_000;
/** And from half a minute on: over less a few long steps decide. */
export const ENERGY_LEAST_MS = 30_000;
/** Readings of cards that are kept with a run: a curve over days needs no more. */
export const CARD_ROW_EVERY_MS = 60_000;
