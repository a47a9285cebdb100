// Runs before anything is drawn, so that the page does not flash in other colours.
"use strict";

(() => {
  const stored = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null;
    }
  };
  const theme = stored();
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
})();
