/**
 * Lets a button open the `<dialog>` it names in `data-dialog`; a button with `data-close` closes the one around it, or the `<details>`. The
 * browser keeps the focus inside and gives it back.
 * @param {Document} page
 */
export function connectDialogs(page) {
  page.addEventListener('click', event => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    if (!button) return;
    const name = button.dataset['dialog'];
    const dialog = name ? page.getElementById(name) : null;
    if (dialog instanceof HTMLDialogElement) dialog.showModal();
    if (!('close' in button.dataset)) return;
    const around = button.closest('dialog, details');
    if (around instanceof HTMLDialogElement) around.close();
    if (around instanceof HTMLDetailsElement) {
      around.open = false;
      around.querySelector('summary')?.focus();
    }
  });
}
