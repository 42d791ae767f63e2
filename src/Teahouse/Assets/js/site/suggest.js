const SETTLE_MS = 150;
const MOST = 8;

/**
 * Suggests accounts in fields that ask for a user's name (`data-suggest="users"`, with a `<datalist>`), by name and display name.
 * @param {Document} page
 */
export function suggestUsers(page) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  page.addEventListener('input', event => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement) || field.dataset['suggest'] !== 'users') return;
    // One that was chosen from the list is settled.
    const isChosen = event instanceof InputEvent && event.inputType === 'insertReplacementText';
    clearTimeout(timer);
    if (field.value.trim() !== '' && !isChosen) timer = setTimeout(() => void fill(field), SETTLE_MS);
  });
}

/** @param {HTMLInputElement} field */
async function fill(field) {
  const asked = field.value;
  const answer = await fetch(`/api/v1/users?limit=${MOST}&q=${encodeURIComponent(asked.trim())}`, { credentials: 'same-origin' }).catch(() => undefined);
  if (!answer?.ok || field.value !== asked) return;
  const { users } = /** @type {{ users: { username: string, display_name: string }[] }} */ (await answer.json());
  field.list?.replaceChildren(...users.map(user => new Option(user.display_name === user.username ? '' : user.display_name, user.username)));
}
