/** Ticks or unticks all rows of the list around it at once. @returns {Record<string, unknown> & ThisType<{ $root: HTMLElement }>} */
export function pickAll() {
  return {
    toggle(/** @type {Event} */ event) {
      const all = /** @type {HTMLInputElement} */ (event.target);
      for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (this.$root.querySelectorAll('input[name="ids"]'))) box.checked = all.checked;
    },
  };
}
