/** Light or dark follows the system until somebody says otherwise; the signing window follows the page. */
export const themeChoices = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof themeChoices)[number];
