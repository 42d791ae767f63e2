/**
 * Narrows a list to the entries whose text holds what is typed. Entries carry `data-filter` (name and title); a group
 * (`data-filter-group`) without entries left hides with them, and `data-filter-none` shows when nothing is left at all.
 * @returns {Record<string, unknown> & ThisType<{ $root: HTMLElement }>}
 */
export function listFilter() {
  return {
    apply(/** @type {Event} */ event) {
      const field = /** @type {HTMLInputElement} */ (event.target);
      const wanted = field.value.normalize('NFKC').toLowerCase().trim();
      let left = 0;
      for (const entry of /** @type {NodeListOf<HTMLElement>} */ (this.$root.querySelectorAll('[data-filter]'))) {
        const text = (entry.dataset['filter'] ?? '').normalize('NFKC').toLowerCase();
        entry.hidden = !text.includes(wanted);
        if (!entry.hidden) left++;
      }
      for (const group of /** @type {NodeListOf<HTMLElement>} */ (this.$root.querySelectorAll('[data-filter-group]'))) {
        group.hidden = wanted !== '' && !group.querySelector('[data-filter]:not([hidden])');
      }
      const none = /** @type {HTMLElement | null} */ (this.$root.querySelector('[data-filter-none]'));
      if (none) none.hidden = left > 0 || wanted === '';
    },
  };
}
