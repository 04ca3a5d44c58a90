// Before anything is painted, so that no page flashes in the other theme.
(() => {
  var chosen = null;
  try {
    chosen = localStorage.getItem("pipeyard.theme");
  } catch (_error) {
    // No storage: the system's theme.
  }
  if (chosen === "light" || chosen === "dark") {
    document.documentElement.dataset.theme = chosen;
  }
})();
