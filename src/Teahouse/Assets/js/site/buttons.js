import { keyOf } from '../shared/names.js';

/** Shows what is typed into a password field. @returns {Record<string, unknown> & ThisType<{ shown: boolean }>} */
export function reveal() {
  return {
    shown: false,
    get type() { return this.shown ? 'text' : 'password'; },
    toggle() { this.shown = !this.shown; },
  };
}

/**
 * Guards a destructive button (`x-bind:disabled="differs"`) until the thing's name, which the root carries as `data-name` (and `data-alias`),
 * is typed, in whichever case.
 * @returns {Record<string, unknown> & ThisType<{ typed: string, $root: HTMLElement }>}
 */
export function typedName() {
  return {
    typed: '',
    get differs() {
      const { name = '', alias = name } = this.$root.dataset;
      return ![keyOf(name), keyOf(alias)].includes(keyOf(this.typed.trim()));
    },
  };
}

/** Copies the root's `data-copy` and says so for two seconds. @returns {Record<string, unknown> & ThisType<{ copied: boolean, $root: HTMLElement }>} */
export function copyButton() {
  return {
    copied: false,
    async copy() {
      await navigator.clipboard.writeText(this.$root.dataset['copy'] ?? '');
      this.copied = true;
      setTimeout(() => { this.copied = false; }, 2000);
    },
  };
}
