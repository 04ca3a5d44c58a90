/** Durations, times and sizes as people read them. */

const SIZE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

export function durationText(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) {
    return "";
  }
  if (seconds < 1) {
    return `${Math.round(seconds * 1000)} ms`;
  }
  if (seconds < 60) {
    return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)}s`;
  }
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours >= 24) {
    return `${Math.floor(hours / 24)}d ${hours % 24}h`;
  }
  return hours > 0 ? `${hours}h ${minutes}m` : `${minutes}m ${rest}s`;
}

export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < SIZE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${SIZE_UNITS[unit]}`;
}

/** "3m ago", "just now", "in 2h". */
export function agoText(time: string | null | undefined, nowMs: number): string {
  if (!time) {
    return "";
  }
  const seconds = (nowMs - Date.parse(time)) / 1000;
  const ahead = seconds < 0;
  const away = Math.abs(seconds);
  if (away < 5) {
    return "just now";
  }
  const text =
    away < 60
      ? `${Math.floor(away)}s`
      : away < 3600
        ? `${Math.floor(away / 60)}m`
        : away < 86_400
          ? `${Math.floor(away / 3600)}h`
          : `${Math.floor(away / 86_400)}d`;
  return ahead ? `in ${text}` : `${text} ago`;
}

/** In the reader's own zone, to the second. */
export function timeText(time: string | null | undefined): string {
  return time ? new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" }) : "";
}

/** A long name with its middle left out; the whole belongs in a tooltip. */
export function shortened(text: string, max: number): string {
  if (text.length <= max) {
    return text;
  }
  const head = Math.ceil((max - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (max - 1 - head))}`;
}

/** `azureml:azureml_anonymous:<digest>` is nobody's name; everything else is shown without its scheme. */
export function componentText(reference: string | null | undefined): string {
  if (!reference || reference.includes("azureml_anonymous")) {
    return "";
  }
  return reference.replace(/^azureml:/, "");
}
