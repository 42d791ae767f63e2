/**
 * Light, dark, or as the system says; kept in this browser and read again by theme.js before the next first paint.
 * @returns {Record<string, unknown> & ThisType<{ theme: string, choose(theme: string): void }>}
 */
export function themeSwitch() {
  return {
    theme: document.documentElement.dataset['theme'] ?? 'system',
    choose(/** @type {string} */ theme) {
      this.theme = theme;
      if (theme === 'system') {
        delete document.documentElement.dataset['theme'];
        localStorage.removeItem('theme');
      } else {
        document.documentElement.dataset['theme'] = theme;
        localStorage.setItem('theme', theme);
      }
    },
    light() { this.choose('light'); },
    dark() { this.choose('dark'); },
    system() { this.choose('system'); },
    get isLight() { return this.theme === 'light'; },
    get isDark() { return this.theme === 'dark'; },
    get isSystem() { return this.theme === 'system'; },
  };
}
