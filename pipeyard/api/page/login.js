"use strict";
// A browser that came by a link from elsewhere holds back its cookie once (SameSite=Strict).
// Asked from our own page it shows it, and then the page that was wanted can be loaded.
(async () => {
  const target = document.querySelector("input[name=next]").value;
  // Once per target: a browser that refuses cookies must not go round in circles.
  if (sessionStorage.getItem("way-in") === target) return;
  const answer = await fetch("/session");
  if (answer.status !== 204) return;
  sessionStorage.setItem("way-in", target);
  location.replace(target);
})();
