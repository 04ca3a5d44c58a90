"use strict";
sessionStorage.removeItem("way-in");
// Follows one job: the states of its steps by the stream, the log of the chosen step by its lines.
(() => {
  const root = document.getElementById("job");
  const api = root.dataset.api;
  const looks = JSON.parse(root.dataset.looks);
  const words = JSON.parse(root.dataset.words);
  const byId = (id) => document.getElementById(id);
  const rows = new Map([...document.querySelectorAll("tr.step")].map((row) => [row.dataset.name, row]));
  const jobUrl = (name) => `${api}/${encodeURIComponent(name)}`;
  let ended = root.dataset.ended === "true";

  const duration = (seconds) => {
    if (seconds < 0.1) return "<0.1s";
    if (seconds < 10) return `${seconds.toFixed(1)}s`;
    const whole = Math.floor(seconds), hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
    if (hours) return `${hours}h ${minutes}m`;
    return minutes ? `${minutes}m ${whole % 60}s` : `${whole}s`;
  };
  const setState = (place, label) => {
    const [kind, icon] = looks[label] || ["waiting", ""];
    place.className = place.className.replace(/\b(completed|failed|running|preparing|waiting|canceled|skipped)\b/, kind);
    place.querySelector(".icon").textContent = icon;
    place.querySelector(".word").textContent = words[label] || label;
  };
  const clock = (text) => new Date(text).toLocaleTimeString([], { hour12: false });

  // What stands between backticks is code.
  const prose = (text) => text.split("`").map((part, index) => {
    if (index % 2 === 0) return part;
    const code = document.createElement("code");
    code.textContent = part;
    return code;
  });

  // --- states -------------------------------------------------------------------------------
  const showStep = (step) => {
    const row = rows.get(step.name);
    if (!row) return;
    row.dataset.label = step.label;
    setState(row.querySelector(".state"), step.label);
    row.dataset.started = step.started_at || "";
    row.dataset.ended = step.ended_at || "";
    row.querySelector(".when").textContent = step.started_at ? clock(step.started_at) : "";
    if (step.duration_seconds !== null) row.querySelector(".took").textContent = duration(step.duration_seconds);
    const say = (kind, text) => {
      const note = row.querySelector(`.note.${kind}`);
      note.replaceChildren(...prose(text || ""));
      note.hidden = !note.textContent;
    };
    say("problem", step.error && step.error.message);
    say("wait", step.waiting_for);
    if (chosen === step.name) wake();
  };
  const showProgress = () => {
    const steps = [...rows.values()].filter((row) => row.dataset.kind === "command");
    const counts = {};
    let done = 0;
    for (const row of steps) {
      const kind = (looks[row.dataset.label] || ["waiting"])[0];
      counts[kind] = (counts[kind] || 0) + 1;
      if (row.dataset.ended || kind === "skipped" || kind === "canceled") done += 1;
    }
    byId("done").textContent = done;
    for (const part of byId("progress").children) {
      part.style.width = `${(100 * (counts[part.className] || 0)) / Math.max(1, steps.length)}%`;
    }
  };
  const tick = () => {
    for (const row of rows.values()) {
      if (row.dataset.started && !row.dataset.ended) {
        row.querySelector(".took").textContent = duration(Math.max(0, (Date.now() - new Date(row.dataset.started)) / 1000));
      }
    }
    const began = root.dataset.started;
    if (began && !ended) byId("took").textContent = duration(Math.max(0, (Date.now() - new Date(began)) / 1000));
  };
  const showJob = (job) => {
    setState(byId("state"), job.label);
    if (job.start_time) root.dataset.started = job.start_time;
    if (job.duration_seconds !== null) byId("took").textContent = duration(job.duration_seconds);
  };
  const hear = (message) => {
    if (message.type === "step") showStep(message);
    if (message.type === "job") showJob(message.job);
    if (message.type === "end") {
      ended = true;
      showJob(message.job);
      byId("live").textContent = "";
      // The error box, outputs and links come from the server once more.
      wake();
      location.reload();
    }
  };
  const follow = async () => {
    for (let tries = 0; !ended; tries += 1) {
      try {
        const answer = await fetch(`${jobUrl(root.dataset.name)}/stream?logs=false`);
        if (!answer.ok) throw new Error(answer.status);
        byId("live").textContent = "Live";
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let held = ""; ;) {
          const { value, done } = await reader.read();
          if (done) break;
          tries = 0;
          const lines = (held + value).split("\n");
          held = lines.pop();
          lines.filter(Boolean).map(JSON.parse).forEach(hear);
          showProgress();
        }
      } catch { /* The server was restarted, or sleeps. */ }
      if (!ended) {
        byId("live").textContent = "Reconnecting";
        await new Promise((resume) => setTimeout(resume, Math.min(10000, 500 * 2 ** tries)));
      }
    }
  };

  // --- the log ------------------------------------------------------------------------------
  const LINES_KEPT = 5000;
  let chosen = null, next = 1, timer = 0, asking = false;
  const log = byId("log");
  const wake = () => { clearTimeout(timer); timer = setTimeout(readLog, 0); };
  const addLines = (lines) => {
    const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    for (const { line, text } of lines) {
      const last = log.lastElementChild;
      // The last line may have grown since it was read.
      const place = last && Number(last.dataset.line) === line ? last : log.appendChild(document.createElement("div"));
      place.className = "line";
      place.dataset.line = line;
      const number = document.createElement("span");
      number.className = "number";
      number.textContent = line;
      place.replaceChildren(number, text);
    }
    while (log.childElementCount > LINES_KEPT) log.firstElementChild.remove();
    if (follows) log.scrollTop = log.scrollHeight;
  };
  const readLog = async () => {
    if (!chosen || asking) return;
    asking = true;
    const name = chosen;
    let more = true;
    try {
      const answer = await fetch(`${jobUrl(name)}/log?from_line=${next}&lines=1000`);
      const page = await answer.json();
      if (name === chosen && answer.ok) {
        addLines(page.value);
        if (page.value.length) next = page.value[page.value.length - 1].line;
        byId("log-empty").hidden = log.childElementCount > 0;
        byId("log-empty").textContent = page.is_complete ? "This step wrote no log." : "No output yet.";
        more = !page.is_complete || page.next !== null;
        if (more) timer = setTimeout(readLog, page.next === null ? 700 : 0);
      }
    } catch {
      timer = setTimeout(readLog, 2000);
    } finally {
      asking = false;
      if (name !== chosen) wake();
    }
  };
  const choose = (name) => {
    chosen = name;
    clearTimeout(timer);
    for (const row of rows.values()) row.setAttribute("aria-selected", String(row.dataset.name === name));
    byId("columns").classList.toggle("open", name !== null);
    byId("panel").hidden = name === null;
    const url = new URL(location.href);
    if (name === null) url.searchParams.delete("step");
    else url.searchParams.set("step", rows.get(name).dataset.key);
    history.replaceState(null, "", url);
    if (name === null) return;
    next = -1000;
    log.replaceChildren();
    byId("log-empty").hidden = true;
    byId("panel-title").textContent = rows.get(name).dataset.title;
    byId("panel-download").href = `${jobUrl(name)}/files/user_logs/std_log.txt`;
    readLog();
  };
  for (const [name, row] of rows) {
    if (row.dataset.kind !== "command") continue;
    row.addEventListener("click", () => { if (!String(getSelection())) choose(chosen === name ? null : name); });
  }
  byId("panel-close").addEventListener("click", () => choose(null));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") choose(null); });

  // --- cancel -------------------------------------------------------------------------------
  const cancel = byId("cancel");
  if (cancel) cancel.addEventListener("click", async () => {
    if (!confirm(`Cancel ${root.dataset.name}?`)) return;
    cancel.disabled = true;
    const answer = await fetch(`${jobUrl(root.dataset.name)}/cancel`, { method: "POST", headers: { "X-Pipeyard-Page": "1" } });
    if (!answer.ok) {
      const { error } = await answer.json();
      byId("live").textContent = error.message;
      cancel.disabled = ended;
    }
  });

  const wanted = new URL(location.href).searchParams.get("step");
  for (const [name, row] of rows) if (wanted !== null && row.dataset.key === wanted && row.dataset.kind === "command") choose(name);
  // The server writes times in UTC; here they are the reader's own.
  for (const row of rows.values()) if (row.dataset.started) row.querySelector(".when").textContent = clock(row.dataset.started);
  byId("created").textContent = new Date(byId("created").dateTime).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  showProgress();
  if (!ended) { tick(); setInterval(tick, 1000); follow(); }
})();
