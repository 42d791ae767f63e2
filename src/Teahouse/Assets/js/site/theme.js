// Runs in <head> before the first paint, so that nobody who chose the dark theme sees a white flash. Kept apart and tiny
// because it blocks rendering; the policy allows no inline script.
const chosen = (() => {
  try {
    return localStorage.getItem('theme');
  } catch {
    // Storage may be forbidden; the system's scheme is then the answer.
    return null;
  }
})();
const root = document.documentElement;
if (chosen === 'light' || chosen === 'dark') root.dataset.theme = chosen;
root.classList.add('js');
