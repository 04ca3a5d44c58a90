/** One line of a log with terminal colours → pieces of text with classes. Anything but colour and weight is left out. */

export interface Piece {
  text: string;
  className: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what terminals are sent.
const SEQUENCE = /\u001b\[([0-9;]*)([A-Za-z])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[@-Z\\-_]/g;
const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

export function piecesOf(line: string): Piece[] {
  // A progress bar writes its line anew: the last state is what a terminal shows.
  const shown = line.includes("\r") ? (line.split("\r").findLast((part) => part !== "") ?? "") : line;
  const pieces: Piece[] = [];
  let classes = new Set<string>();
  let at = 0;
  const add = (text: string) => {
    if (text !== "") {
      pieces.push({ text, className: [...classes].join(" ") });
    }
  };
  for (const found of shown.matchAll(SEQUENCE)) {
    add(shown.slice(at, found.index));
    at = found.index + found[0].length;
    if (found[2] === "m") {
      classes = changed(classes, found[1] ?? "");
    }
  }
  add(shown.slice(at));
  return pieces;
}

function changed(classes: ReadonlySet<string>, codes: string): Set<string> {
  const next = new Set(classes);
  const setColour = (colour: string | null) => {
    for (const one of next) {
      if (one.startsWith("ansi-")) {
        next.delete(one);
      }
    }
    if (colour !== null) {
      next.add(`ansi-${colour}`);
    }
  };
  for (const code of codes.split(";").map(Number)) {
    if (code === 0) {
      next.clear();
    } else if (code === 1) {
      next.add("bold");
    } else if (code === 22) {
      next.delete("bold");
    } else if (code === 39) {
      setColour(null);
    } else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) {
      setColour(COLOURS[code % 10] ?? null);
    }
  }
  return next;
}
